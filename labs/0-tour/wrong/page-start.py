"""a fault's address is where its page begins."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(page_start=True)
