"""shared memory is copied on write behind a fork, too."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(shared_is_copied=True)
