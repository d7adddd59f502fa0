"""a private page of a file is written where the file's is."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(file_is_written=True)
