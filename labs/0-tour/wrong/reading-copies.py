"""who reads a page behind a fork gets a copy of it, too."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(reading_copies=True)
