"""a page fault means that a disk is read."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(faults_read_disk=True)
