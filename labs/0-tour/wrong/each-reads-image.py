"""each process reads a page of a file from the image for itself."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(each_reads_image=True)
