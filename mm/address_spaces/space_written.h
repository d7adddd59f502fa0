/* mm/address_spaces/space_written.h - which pages have been written since somebody asked? */
#ifndef MM_SPACE_WRITTEN_H
#define MM_SPACE_WRITTEN_H

#include "mm/address_spaces/space.h"

/* From now on the entries of all regions that there are tell which pages are written. */
void space_track_writes(struct space *space) SLEEPS EXCLUDES(mm);

/* Forget which pages have been referenced, those of objects or the others or all. Rests on the way;
 * the caller holds the space. */
void space_clear_referenced(struct space *space, bool objects, bool others) SLEEPS
    EXCLUDES(mm);

#endif
