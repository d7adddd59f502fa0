/* nothing waits until it is demanded. The first touch of a region brings all of it, and that of a
 * file or of shared memory all of that, as far as frames are left; rights are looked at for writes
 * only, and nobody looks where a file ends. Any of these functions may be replaced alone. */

/* file: mm/demand_paging/fault.c */

/* Who may not write is refused, and who has no rights at all. */
static bool fault_region(struct fault *fault) REQUIRES(mm)
{
    enum fault_result refused = FAULT_NO_ACCESS;
    struct region *found = region_find(fault->space, fault->address);
    fault->region = found ? found : region_grow_stack(fault->space, fault->address);
    if (!fault->region)
        refused = FAULT_NO_REGION;
    else if (fault->region->access &&
             (fault->region->access & ACCESS_WRITE || !(fault->access & ACCESS_WRITE)))
        return true;
    else if (fault_may_force(fault->region, fault->access))
        return true;
    return fault_refuse(fault, refused);
}

/* Every object goes on for ever. */
static bool fault_page(struct fault *fault) REQUIRES(mm)
{
    const struct region *region = fault->region;
    pte_t old = fault->old;
    page_t page = PAGE_NONE;
    frame_t frame = FRAME_NONE;
    if (pte_is_zero(old) && region->object)
        page = object_find(region->object, region_index(region, fault->address));
    else if (!pte_is_zero(old) && !pte_is_present(old))
        page = pte_page(old);
    if (pte_is_present(old))
        frame = pte_frame(old);
    if (frame_is(frame) && !frame_same(frame, zero_frame))
        page = frame_get(frame)->page;
    fault->page = page;
    fault->report->kind = frame_is(frame) ? FAULT_SPURIOUS : FAULT_RESIDENT;
    fault->frame = page_is(page) && !frame_is(frame) && fault_frame_serves(fault)
                       ? page_get(page)->frame
                       : frame;
    return true;
}

/* The page itself, and at the first touch all others of its region, while frames are left. Whatever
 * lacks, more memory is what it waits for, again and again. */
static bool fault_fill(struct fault *fault) REQUIRES(mm)
{
    const struct region *region = fault->region;
    struct object *object = region->object;
    bool first = pte_is_zero(fault->old) && region->access != 0;
    uintptr_t others = first ? region->end - region->start : 0;
    for (uintptr_t done = 0; done <= others; done += PAGE_SIZE) {
        bool own = done == 0;
        uintptr_t address = own ? fault->address : region->start + done - PAGE_SIZE;
        uint32_t index = region_index(region, address);
        struct charge more = {.group = fault->charge.group, .counted = false};
        struct charge *charge = own ? &fault->charge : &more;
        struct fault_report other, *report = own ? fault->report : &other;
        struct position at;
        page_t page = own ? fault->page : PAGE_NONE;
        frame_t frame = own ? fault->frame : FRAME_NONE;
        enum bring result = BRING_RESIDENT;
        if (!own && (frame_counts.free < frame_watermarks.high + 2 * TABLE_LEVELS ||
                     !group_has_room(&groups[more.group]) ||
                     (object && (uint64_t)index * PAGE_SIZE >= object->size) ||
                     !position_build(&at, &fault->space->table, address)))
            break;
        if (!own && (address == fault->address || !pte_is_zero(position_read(&at))))
            continue;
        if (!own && object)
            page = object_find(object, index);
        if (!own && object && !page_is(page) && object_is_full(object))
            break;
        if (!frame_is(frame))
            result = page_is(page) ? page_in(page, charge, report)
                     : object      ? object_fill(object, index, charge, &page, report)
                              : page_in_zeroes(ACCESS_WRITE, charge, &page, &frame, report);
        if (result != BRING_RESIDENT && !own)
            break;
        if (result != BRING_RESIDENT)
            return fault_wait(fault);
        frame = page_is(page) ? page_get(page)->frame : frame;
        if (own) {
            fault->page = page;
            fault->frame = frame;
        } else {
            page_hold(page);
            position_install(&at, frame, region_page_access(region, page));
        }
    }
    return true;
}

/* file: mm/demand_paging/page_in.c */

/* A frame for everybody, and for ever: it counts as written. */
enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    (void)access;
    if (!page_create(charge, true, page, frame))
        return BRING_NO_MEMORY;
    frame_get(*frame)->dirty = true;
    report->kind = FAULT_ZERO_FILL;
    return BRING_RESIDENT;
}

/* file: mm/demand_paging/object.c */

/* The page, and all others of the object, while frames are left: all count as written, unless they
 * come from a device. */
enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    enum bring result = BRING_RESIDENT;
    report->kind = FAULT_FILE;
    for (uint32_t done = 0; (uint64_t)done * PAGE_SIZE <= object->size; done++) {
        struct charge more = {.group = charge->group, .counted = false};
        uint32_t at = done == 0 ? index : done - 1;
        page_t other;
        frame_t frame;
        if (done > 0 && (object_is_full(object) || !group_has_room(&groups[more.group]) ||
                         frame_counts.free < frame_watermarks.high + 2 * TABLE_LEVELS))
            break;
        if (done > 0 && page_is(object_find(object, at)))
            continue;
        if (!page_create(done == 0 ? charge : &more, true, &other, &frame))
            return done == 0 ? BRING_NO_MEMORY : BRING_RESIDENT;
        object_insert(object, at, other);
        if (done == 0)
            *page = other;
        if ((uint64_t)at * PAGE_SIZE < object->backed) {
            report->major = true;
            result = object_fill_from_device(object, at, other, frame);
        } else {
            frame_get(frame)->dirty = true;
        }
        if (result != BRING_RESIDENT)
            break;
    }
    return result;
}
