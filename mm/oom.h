/* mm/oom.h - when there is no frame to be had. */
#ifndef MM_OOM_H
#define MM_OOM_H

#include "mm/frame.h"

/* A frame was wanted for `group` and there is none, or its limit is reached. Has a process
 * ended if need be, and sleeps until a frame has come back. The lock is held, and was let
 * go meanwhile: look everything up again. False: the caller itself is being ended. */
bool memory_wait(uint16_t group);

#endif
