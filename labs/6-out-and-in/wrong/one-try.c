/* the round ends with the first victim, even if that cannot go. */

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
            if (!cluster)
                laundry_send();
            laundry_reap();
            return frame_get(victim)->state == FRAME_FREE ? RECLAIM_FREED : RECLAIM_STARTED;
        }
        break;
    }
    return laundry_count > 0 ? RECLAIM_WAIT : RECLAIM_NOTHING;
}
