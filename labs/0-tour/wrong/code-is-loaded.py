"""code and data are in memory before the program starts."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(code_is_loaded=True)
