"""private memory has its frames as soon as it is mapped."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(new_memory_is_there=True)
