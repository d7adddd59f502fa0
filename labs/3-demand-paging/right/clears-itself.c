/* frames are cleared by hand, word by word. */

/* file: mm/demand_paging/page_in.c */

enum bring page_in_zeroes(unsigned access, struct charge *charge, page_t *page,
                          frame_t *frame, struct fault_report *report)
{
    if ((access & ACCESS_WRITE) == 0 && !group_counts(charge->group)) {
        report->kind = FAULT_ZERO_PAGE;
        *frame = zero_frame;
        return BRING_RESIDENT;
    }
    if (!page_create(charge, false, page, frame))
        return BRING_NO_MEMORY;
    uint64_t *words = frame_data(*frame);
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        words[i] = 0;
    report->kind = FAULT_ZERO_FILL;
    return BRING_RESIDENT;
}

/* file: mm/demand_paging/object.c */

enum bring object_fill(struct object *object, uint32_t index, struct charge *charge,
                       page_t *page, struct fault_report *report)
{
    frame_t frame;
    if (!page_create(charge, false, page, &frame))
        return BRING_NO_MEMORY;
    uint64_t *words = frame_data(frame);
    for (unsigned i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        words[i] = 0;
    object_insert(object, index, *page);
    report->kind = FAULT_FILE;
    if (index >= (object->backed + PAGE_SIZE - 1) / PAGE_SIZE)
        return BRING_RESIDENT;
    report->major = true;
    return object_fill_from_device(object, index, *page, frame);
}
