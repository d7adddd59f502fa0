"""Mutations of where ranges end, of what is kept across a sleep, and of what starts anew."""

from .mutation import Mutation

MUTATIONS = [
    # --- what every space has ---
    Mutation(
        "mm/page_tables/lent.c",
        "a lent table is not counted above",
        "    frame_get(frame_of_data(entry))->used++;",
        "    ;",
    ),
    Mutation(
        "mm/page_tables/position.c",
        "a walk goes into a lent table",
        "frame_get(frame_of_data(entry))->state != FRAME_TABLE;",
        "false;",
    ),
    Mutation(
        "mm/demand_paging/space_fork.c",
        "a child has no shared code",
        "copied && space_show_too(child, parent);",
        "copied;",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "shared code is not unmapped",
        "    if (shared_code_within(start, end))",
        "    if (0)",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "something comes to lie beside shared code",
        "    return shared_code_within(start, end) ? 0 : -ENOMEM;",
        "    return 0;",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "shared code is no thing that is there",
        "        return shared_code_within(start, end) ? -EEXIST : -ENOMEM;",
        "        return 0;",
    ),
    Mutation(
        "mm/address_spaces/space_remap.c",
        "what lies below grows into shared code",
        " || shared_code_bars(space, end, end + more))",
        ")",
    ),
    # --- ends of ranges ---
    Mutation(
        "mm/demand_paging/object.c",
        "an object loses one page too many",
        "page_get(id)->index < last)",
        "page_get(id)->index <= last)",
    ),
    Mutation(
        "mm/demand_paging/object.c",
        "an object loses one page too few",
        "page_get(id)->index >= first &&",
        "page_get(id)->index > first &&",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "a wish above the top is granted",
        " && wish + length <= top &&",
        " &&",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "a wish below the bottom is granted",
        "    if (wish >= REGION_BOTTOM && region_range_valid",
        "    if (region_range_valid",
    ),
    Mutation(
        "mm/address_spaces/space_map.c",
        "low memory begins anywhere",
        "        top = REGION_LOW_TOP;\n",
        "",
    ),
    Mutation(
        "mm/address_spaces/region_layout.c",
        "what begins where a range ends is in its way",
        "    return region == NULL || end <= region->start;",
        "    return region == NULL || end < region->start;",
    ),
    Mutation(
        "mm/demand_paging/object_punch.c",
        "a hole takes half a page whole",
        "uint64_t first = PAGE_ROUND_UP(start), last",
        "uint64_t first = PAGE_ROUND_DOWN(start), last",
    ),
    Mutation(
        "mm/demand_paging/object_punch.c",
        "a hole takes the page behind",
        "last = PAGE_ROUND_DOWN(end);",
        "last = PAGE_ROUND_UP(end);",
    ),
    Mutation(
        "mm/demand_paging/object_punch.c",
        "one copy too many goes with a cut",
        "(uintptr_t)(index - region->index) * PAGE_SIZE;",
        "(uintptr_t)(index - region->index - 1) * PAGE_SIZE;",
    ),
    Mutation(
        "mm/demand_paging/object_punch.c",
        "one copy too few goes with a cut",
        "(uintptr_t)(index - region->index) * PAGE_SIZE;",
        "(uintptr_t)(index - region->index + 1) * PAGE_SIZE;",
    ),
    # --- limits ---
    Mutation("mm/address_spaces/space_map.c", "one region more than the most", "if (space->region_count > region_most)", "if (space->region_count > region_most + 1)"),
    Mutation("mm/address_spaces/region_layout.c", "one cut more than the most", "space->region_count + more > region_most)", "space->region_count + more > region_most + 1)"),
    Mutation("mm/address_spaces/space_remap.c", "one move more than the most", "space->region_count + REMAP_CUTS >= region_most)", "space->region_count + REMAP_CUTS > region_most)"),
    Mutation("mm/address_spaces/space_remap.c", "what moves counts twice", "size_t gone = stays ? 0 : request->length;", "size_t gone = 0;\n    (void)stays;"),
    Mutation("mm/address_spaces/space_map.c", "what is replaced counts twice", "gone = promised_within(space, place, place + length);", "(void)promised_within;"),
    # --- across a sleep ---
    Mutation("mm/demand_paging/object_punch.c", "who cuts an object ends another's change", "bool waits = change_must_wait(space), paused", "bool waits = false, paused"),
    Mutation("mm/address_spaces/space_wire.c", "all is wired in the middle of another's change", "    change_begin(space);\n    wire_regions(", "    mm_lock();\n    wire_regions("),
    Mutation("mm/address_spaces/space_map.c", "where the heap ends is looked up before a wait", "    change_begin(space);\n    struct heap_ends ends = {space->heap_end, space->heap_end};\n", "    struct heap_ends ends = {space->heap_end, space->heap_end};\n    change_begin(space);\n"),
    Mutation("mm/address_spaces/space_map.c", "who moves the heap is told where it ended before a wait", "struct heap_ends ends = {space->heap_end, space->heap_end};", "struct heap_ends ends = {unmoved, space->heap_end};"),
    Mutation("mm/demand_paging/space_fork.c", "a fork goes on with what is left after a pause", "    return pageout_reserve_by_eviction(fork_frames(parent, child));", "    return fork_frames(parent, child) > 0;"),
    Mutation("mm/demand_paging/space_fork.c", "a fork goes on with the tables of before", "    position_again(&at->parent);\n    position_again(&at->child);\n    return", "    (void)at;\n    return"),
    Mutation(
        "mm/demand_paging/fault.c",
        "the kind of a fault is lost in a sleep",
        "    if (!fault->report->major) /*",
        "    if (true) /*",
    ),
    Mutation(
        "mm/demand_paging/space_fork.c",
        "tables that came while it slept are not reserved",
        "    } while (reserved && (waited || fork_frames(parent, NULL) > count));",
        "    } while (false);",
    ),
    # --- anew ---
    Mutation(
        "mm/frames/frame.c",
        "a rescued frame keeps R",
        "    f->mappers = MAPPER_NONE;\n    f->referenced = f->recent = false;\n    f->history = 0;\n}",
        "    f->mappers = MAPPER_NONE;\n    f->history = 0;\n}",
    ),
    Mutation(
        "mm/frames/frame.c",
        "a rescued frame keeps its history",
        "    f->referenced = f->recent = false;\n    f->history = 0;\n}",
        "    f->referenced = f->recent = false;\n}",
    ),
]
