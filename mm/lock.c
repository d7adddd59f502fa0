/* mm/lock.c - the mm lock.  See lock.h for the idea. */
#include "mm/lock.h"

struct mm_lock mm;
