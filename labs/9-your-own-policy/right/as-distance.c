/* it is the policy "distance", as the kernel has it. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

static void mine_open(struct group *group)
{
    policy_distance.open(group);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    policy_distance.admit(group, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    policy_distance.remove(group, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    return policy_distance.victim(group);
}
