"""the second writer copies as the first did, and not that it is the last owner."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(last_owner_copies=True)
