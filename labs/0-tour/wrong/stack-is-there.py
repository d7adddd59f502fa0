"""the stack is there from the beginning."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(stack_is_there=True)
