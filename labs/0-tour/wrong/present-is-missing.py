"""P in the error code says that the page was not there."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(present_means_missing=True)
