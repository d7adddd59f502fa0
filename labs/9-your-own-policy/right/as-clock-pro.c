/* it is CLOCK-Pro, as the kernel has it. */

/* file: mm/replacement/policy/mine.c */

/* without: mine_of */

static void mine_open(struct group *group)
{
    policy_clock_pro.open(group);
}

static void mine_admit(struct group *group, frame_t frame) REQUIRES(mm)
{
    policy_clock_pro.admit(group, frame);
}

static void mine_remove(struct group *group, frame_t frame) REQUIRES(mm)
{
    policy_clock_pro.remove(group, frame);
}

static frame_t mine_victim(struct group *group) REQUIRES(mm)
{
    return policy_clock_pro.victim(group);
}
