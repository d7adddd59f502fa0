/* kernel/cgroupfs/schemes.c - frame allocation, as files: what the root is told and
 * asked about it, and what each group claims and has. */
#include "kernel/thrashing/frame_shares.h"

#include "kernel/cgroupfs/cgroup.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

/* --- The root's ------------------------------------------------------------------------------ */

static int allocation_show(struct proc_text *text,
                           struct cgroup *cgroup __attribute__((unused)))
{
    proc_print(text, "%s", allocation_names[allocation.scheme]);
    if (allocation.scheme != ALLOCATION_GLOBAL)
        proc_print(text, " %u", allocation.divided);
    proc_print(text, "\n");
    return 0;
}

/* SCHEME [FRAMES] */
static int allocation_told(struct cgroup *cgroup __attribute__((unused)), const char *text)
{
    for (unsigned scheme = 0; scheme < ALLOCATION_SCHEMES; scheme++) {
        const char *rest = cgroup_word(text, allocation_names[scheme]);
        uint64_t number = 0;
        if (strcmp(text, allocation_names[scheme]) != 0 &&
            (!rest || scheme == ALLOCATION_GLOBAL || !text_number(rest, &number) ||
             !number))
            continue;
        if (number >= UINT32_MAX)
            return -EINVAL;
        allocation_set(scheme, (uint32_t)number);
        return 0;
    }
    return -EINVAL;
}

static int each_show(struct proc_text *text, struct cgroup *cgroup __attribute__((unused)))
{
    proc_print(text, "%d\n", cgroup_each);
    return 0;
}

static int each_told(struct cgroup *cgroup __attribute__((unused)), const char *text)
{
    if ((*text != '0' && *text != '1') || text[1])
        return -EINVAL;
    cgroup_each = *text == '1';
    shares_turns = cgroup_each && allocation.scheme == ALLOCATION_GLOBAL;
    return 0;
}

static int bounds_show(struct proc_text *text,
                       struct cgroup *cgroup __attribute__((unused)))
{
    proc_print(text, "%u %u\n", allocation.bounds.lower, allocation.bounds.upper);
    return 0;
}

/* LOWER UPPER */
static int bounds_told(struct cgroup *cgroup __attribute__((unused)), const char *text)
{
    char first[24];
    const char *blank = strchr(text, ' ');
    uint64_t lower, upper;

    if (!blank || (size_t)(blank - text) >= sizeof(first))
        return -EINVAL;
    text_copy(first, text, (size_t)(blank - text) + 1);
    if (!text_number(first, &lower) || !text_number(blank + 1, &upper) || lower >= upper ||
        upper > UINT32_MAX)
        return -EINVAL;
    allocation.bounds =
        (struct allocation_bounds){.upper = (uint32_t)upper, .lower = (uint32_t)lower};
    return 0;
}

/* --- Each group's --------------------------------------------------------------------- */

int cgroup_claim_show(struct proc_text *text, struct cgroup *cgroup)
{
    const struct group *group = cgroup_group(cgroup);
    struct claim claim;
    bool takes_part = allocation_claim(group_index(group), &claim);

    proc_print(text, "takes_part %d\nsize %u\nminimum %u\nweight %u\nworking_set %u\n",
               takes_part, claim.size, claim.minimum, claim.weight, claim.working_set);
    proc_print(text, "fault_rate %u\nshare %u\ncharged %u\n", claim.fault_rate,
               group->share, group->charged);
    if (group == &groups[GROUP_ALL])
        proc_print(text, "divided %u\nshares %lu\n", allocation.divided, shares_sum());
    return 0;
}

#define BOTH (S_IFREG | 0644)

const struct cgroup_file cgroup_root_files[] = {
    {"memory.allocation", BOTH, allocation_show, allocation_told, NULL},
    {"memory.each", BOTH, each_show, each_told, NULL},
    {"memory.fault_bounds", BOTH, bounds_show, bounds_told, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
