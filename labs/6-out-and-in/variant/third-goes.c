/* of the pages that the policy names, the third goes; a private page is never taken back
 * from the free list. */

/* file: mm/replacement/evict.c */

enum { PASSED = 2 }; /* pages that are named and stay, before one goes */

static enum reclaim reclaim_round(struct group *group, bool cluster) REQUIRES(mm)
{
    uint32_t passed = 0;
    for (uint32_t tried = group->charged + PASSED; tried > 0; tried--) {
        if (laundry_full())
            return RECLAIM_WAIT;
        frame_t victim = policy_victim(group->policy, group);
        if (!frame_is(victim))
            break;
        if (__builtin_expect(swappiness != SWAPPINESS_ALIKE, false))
            victim = swappiness_weigh(group, victim);
        group->scanned++;
        evict_counts.scanned++;
        if (object_keeps(victim))
            continue;
        if (passed++ < PASSED) {
            group_remove(victim);
            evict_readmit(victim);
            continue;
        }
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

/* file: mm/demand_paging/page_in.c */

/* It is read again, though its frame still holds it. */
static bool page_stays_away(const struct page *page)
{
    return page->object == NULL;
}

enum bring page_in(page_t id, struct charge *charge, struct fault_report *report)
{
    struct page *page = page_get(id);
    enum bring brought;
    mm_assert_locked();
    if (frame_is(page->frame) && frame_get(page->frame)->state == FRAME_FREE &&
        page_stays_away(page)) {
        frame_forget(page->frame);
        page->frame = FRAME_NONE;
    }
    if (!frame_is(page->frame))
        return page_in_slot(id, charge, report);
    switch (frame_get(page->frame)->state) {
    case FRAME_RESIDENT:
        return BRING_RESIDENT;
    case FRAME_FREE:
        brought = page_rescue(id, charge, report);
        if (brought == BRING_RESIDENT && page->object != NULL)
            group_file_came(&groups[charge->group]);
        return brought;
    default:
        page_in_wait(page->frame);
        return BRING_AGAIN;
    }
}
