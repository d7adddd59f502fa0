/* mm/address_spaces/address_spaces.h - logical memory.
 *
 * What a process believes memory to be: runs of addresses that were promised, each with its
 * rights and its backing (region.h), and the calls that change them: map, unmap, protect, move,
 * advise, wire. A promise takes no frame; frames come with the faults.
 *
 * May use: frames/, page_tables/; and by their main headers demand_paging/, replacement/ and
 * frame_allocation/. */
#ifndef MM_ADDRESS_SPACES_ROOM_H
#define MM_ADDRESS_SPACES_ROOM_H

#include "mm/address_spaces/change.h"
#include "mm/address_spaces/promise.h"
#include "mm/address_spaces/region.h"
#include "mm/address_spaces/region_layout.h"
#include "mm/address_spaces/region_trace.h"
#include "mm/address_spaces/shared_code.h"
#include "mm/address_spaces/space.h"
#include "mm/address_spaces/space_advise.h"
#include "mm/address_spaces/space_map.h"
#include "mm/address_spaces/space_pages.h"
#include "mm/address_spaces/space_remap.h"
#include "mm/address_spaces/space_resident.h"
#include "mm/address_spaces/space_wire.h"
#include "mm/address_spaces/space_written.h"

#endif
