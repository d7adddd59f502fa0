"""reading new memory takes a frame of its own."""

from touring.beliefs import Beliefs

BELIEFS = Beliefs(read_gives_frame=True)
