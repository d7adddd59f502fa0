/* any page of the group goes, whoever the policy names. */

/* file: mm/replacement/evict.c */

static frame_t first_of_group(struct group *group) REQUIRES(mm)
{
    for (frame_t at = {0}; at.number < nframes; at.number++) {
        const struct frame *f = frame_get(at);
        if (f->admitted && f->group == group_index(group) && f->state == FRAME_RESIDENT &&
            f->pins == 0)
            return at;
    }
    return FRAME_NONE;
}

static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    for (uint32_t tried = group->charged; tried > 0; tried--) {
        if (laundry_full())
            return RECLAIM_WAIT;
        frame_t victim = first_of_group(group);
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
            if (!cluster)
                laundry_send();
            laundry_reap();
            return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
        }
    }
    return laundry_count > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}
