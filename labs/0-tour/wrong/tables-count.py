"""page tables are frames behind the pages, too."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(tables_count=True)
