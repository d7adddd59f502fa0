"""a stack that grows gets all pages down to the one that is touched."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(stack_comes_whole=True)
