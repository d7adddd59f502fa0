"""the first write to the zero page copies it, as after a fork."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(zero_page_is_copied=True)
