/* each entry is flushed before the next is taken away. */

/* file: mm/replacement/evict.c */

static void evict_unmap(frame_t frame, pte_t value) REQUIRES(mm)
{
    struct frame *f = frame_get(frame);
    mapper_t next;
    for (mapper_t at = f->mappers; mapper_is(at); at = next) {
        struct flush flush;
        next = mapper_link(at)->next;
        flush_begin_loaded(&flush);
        mapper_withdraw(mapper_entry(at), frame_get(mapper_table(at)), value);
        flush_add(&flush, mapper_address(at));
        flush_end(&flush);
        if (pte_is_zero(value))
            page_get(f->page)->holders--;
    }
}

static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    uint32_t tried = 0, most = group->charged;
    frame_t victim = FRAME_NONE;
    bool gone = false;
    while (!gone && tried++ < most) {
        if (laundry_full())
            return RECLAIM_WAIT;
        victim = policy_victim(group->policy, group);
        if (!frame_is(victim))
            break;
        group->scanned++;
        evict_counts.scanned++;
        if (object_keeps(victim))
            continue;
        if (group->watched)
            above_evicting(group_index(group), frame_get(victim)->page);
        gone = evict(victim);
    }
    if (!gone)
        return laundry_count ? RECLAIM_WAIT : RECLAIM_NOTHING;
    if (group->watched)
        above_evicted(group_index(group));
    if (!cluster)
        laundry_send();
    laundry_reap();
    return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
}
