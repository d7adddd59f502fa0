"""behind a fork the child sees what the parent writes, as a thread does."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(fork_shares_all=True)
