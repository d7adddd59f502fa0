/* mm/trace.c - what trace points have in common.  See mm/trace.h for the idea. */
#include "mm/trace.h"

bool trace_on;
