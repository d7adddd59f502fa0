"""only the child's writes are copied, and the parent keeps its right to write."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(only_child_copies=True)
