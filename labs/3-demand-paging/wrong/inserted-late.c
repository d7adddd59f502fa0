/* a file has its page only when that has been read. */

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
    enum bring result = BRING_RESIDENT;
    if (device) {
        report->major = true;
        page_hold(*page);
        result = object_fill_from_device(object, index, *page, frame);
        page_get(*page)->holders--;
        if (result == BRING_ERROR)
            return result;
    }
    object_insert(object, index, *page);
    return result;
}
