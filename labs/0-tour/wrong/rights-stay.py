"""behind a fork the entries still say that writing is allowed."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(fork_keeps_rights=True)
