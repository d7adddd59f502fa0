/* where a loop is seen, the limit of the group is lifted. */

/* file: mm/replacement/policy/mine.c */

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    struct page *page = page_get(frame_get(frame)->page);
    uint32_t away = (uint32_t)group->faults - page->evicted_at;
    if (page->evicted_at != 0 && group->faults > 2 * group->limit && away < group->limit)
        group->limit = 4096;
    queue_append(&mine_of(group)->queue, frame);
}
