/* the first touch of a file or of shared memory brings all of it, for good. */

/* file: mm/demand_paging/object.c */

enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    bool device = (uint64_t)index * PAGE_SIZE < object->backed;
    frame_t frame;
    if (!page_create(charge, !device, page, &frame))
        return BRING_NO_MEMORY;
    report->kind = FAULT_FILE;
    object_insert(object, index, *page);
    if (device) {
        report->major = true;
        return object_fill_from_device(object, index, *page, frame);
    }
    for (uint32_t at = 0; (uint64_t)at * PAGE_SIZE < object->size; at++) {
        struct charge more = {.group = charge->group, .counted = false};
        page_t other;
        if (frame_counts.free < frame_watermarks.high + 2 * TABLE_LEVELS ||
            object_is_full(object) || !group_has_room(&groups[more.group]))
            break;
        if (page_is(object_find(object, at)) || !page_create(&more, true, &other, &frame))
            continue;
        object_insert(object, at, other);
        frame_get(frame)->dirty = true;
    }
    return BRING_RESIDENT;
}
