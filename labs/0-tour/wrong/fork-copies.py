"""fork copies every page at once."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(fork_copies_all=True)
