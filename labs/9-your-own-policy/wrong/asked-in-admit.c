/* R is asked when a page comes. */

/* file: mm/replacement/policy/mine.c */

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    if (policy_test_referenced(frame))
        queue_append(&mine_of(group)->queue, frame);
    else
        queue_prepend(&mine_of(group)->queue, frame);
}
