/* also the last owner writes to a copy. */

/* file: mm/demand_paging/fault.c */

static bool fault_copy(struct fault *fault) REQUIRES(mm)
{
    frame_t from = fault->frame, to;
    page_t page;
    bool zeroes = !page_is(fault->page);
    if (!page_create(&fault->charge, zeroes, &page, &to))
        return fault_wait(fault);
    if (frame_same(to, from)) {
        page_end_alone(page);
        return fault_again(fault);
    }
    if (!zeroes)
        frame_copy(to, from);
    frame_get(to)->dirty = true;
    struct flush flush;
    flush_begin(&flush, &fault->space->table);
    page_forget_entry(&fault->at, &flush);
    flush_end(&flush);
    fault->page = page;
    fault->frame = to;
    fault->old = PTE_ZERO;
    fault->report->kind = zeroes ? FAULT_ZERO_FILL : FAULT_COPY;
    return true;
}

static bool fault_unshare(struct fault *fault) REQUIRES(mm)
{
    bool again = pte_is_present(fault->old) && (fault->access & ACCESS_WRITE) &&
                 !fault->region->shared;
    return !(again || fault_wants_copy(fault)) || fault_copy(fault);
}
