/* mm/frames/lock.c - the mm lock.  See lock.h for the idea. */
#include "mm/frames/lock.h"
#include "mm/frames/frame.h"

bool mm_lock_held;
