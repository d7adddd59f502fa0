"""the error code says nothing of user mode."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(user_bit_forgotten=True)
