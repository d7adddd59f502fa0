/* mm/address_spaces/space_written.h - which pages have been written since somebody asked? */
#ifndef MM_SPACE_WRITTEN_H
#define MM_SPACE_WRITTEN_H

#include "mm/address_spaces/space.h"

/* From now on the entries of all regions that there are tell which pages are written. */
void space_track_writes(struct space *space);

#endif
