/* a new page of a file or of shared memory counts as written. */

/* file: mm/demand_paging/object.c */

enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    mm_assert_locked();
    bool device = (uint64_t)index * PAGE_SIZE < object->backed;
    frame_t frame;
    if (!page_create(charge, !device, page, &frame))
        return BRING_NO_MEMORY;
    report->kind = FAULT_FILE;
    object_insert(object, index, *page);
    if (!device) {
        frame_get(frame)->dirty = true;
        return BRING_RESIDENT;
    }
    report->major = true;
    return object_fill_from_device(object, index, *page, frame);
}
