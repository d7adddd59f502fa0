/* every write is sent at once, and read pages look everything up again. */

/* file: mm/replacement/evict.c */

static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    for (uint32_t tried = group->charged; tried > 0; tried--) {
        if (laundry_full())
            return RECLAIM_WAIT;
        frame_t victim = policy_victim(group->policy, group);
        if (!frame_is(victim))
            break;
        group->scanned++;
        evict_counts.scanned++;
        if (object_keeps(victim))
            continue;
        if (group->watched)
            above_evicting(group_index(group), frame_get(victim)->page);
        if (evict(victim)) {
            if (group->watched)
                above_evicted(group_index(group));
            (void)cluster;
            laundry_send();
            laundry_reap();
            return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
        }
    }
    return laundry_count > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}

/* file: mm/demand_paging/page_in.c */

static enum bring page_in_slot(page_t id, struct charge *charge,
                               struct fault_report *report) REQUIRES(mm)
{
    if (!page_in_begin(id, charge))
        return BRING_NO_MEMORY;
    groups[charge->group].page_ins++;
    report->kind = FAULT_PAGE_IN;
    report->major = true;
    bool slept;
    if (page_read(id, &slept) != 0) {
        page_in_lost(id);
        return BRING_ERROR;
    }
    page_in_end(id);
    return BRING_AGAIN;
}
