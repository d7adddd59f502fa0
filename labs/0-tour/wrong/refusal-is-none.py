"""a touch that is refused is an error, and no page fault."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(refusal_is_no_fault=True)
