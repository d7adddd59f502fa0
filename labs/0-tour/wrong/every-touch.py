"""each touch of memory is a page fault."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(each_touch_faults=True)
