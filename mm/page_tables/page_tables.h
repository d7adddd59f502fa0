/* mm/page_tables/page_tables.h - paging.
 *
 * A page table translates the addresses of one space, page by page, to frames anywhere in
 * memory (table.h); whoever has to do with its entries goes from one to the next by a position
 * (position.h). The reverse map finds all entries that lead to a frame (mapper.h). What the
 * processor remembers of an entry must be flushed before the frame behind it is used again
 * (flush.h).
 *
 * May use: frames/. */
#ifndef MM_PAGE_TABLES_ROOM_H
#define MM_PAGE_TABLES_ROOM_H

#include "mm/page_tables/flush.h"
#include "mm/page_tables/lent.h"
#include "mm/page_tables/mapper.h"
#include "mm/page_tables/position.h"
#include "mm/page_tables/table.h"

#endif
