"""each page that shows the zero page has a frame."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(zero_page_counts=True)
