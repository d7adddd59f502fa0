"""the last owner's entry allows writing again by itself."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(last_owner_may_write=True)
