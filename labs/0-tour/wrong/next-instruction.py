"""RIP points behind the instruction that has faulted."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(next_instruction=True)
