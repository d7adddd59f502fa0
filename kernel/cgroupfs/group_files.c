/* kernel/cgroupfs/group_files.c - what a group can be asked and told: the files in its directory.
 *
 * Amounts of memory are bytes, as on Linux; the group counts frames. */
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/process/placement.h"
#include "kernel/thrashing/frame_shares.h"

#include "arch/user.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

#define TEXT_MAX       64u
#define FRAMES_AT_ONCE 1024u /* between two looks at the clock */

/* --- What is written ------------------------------------------------------------------- */

static bool is_blank(char character)
{
    return character == ' ' || character == '\t' || character == '\n';
}

long cgroup_file_write(struct file *file, const void __user *buffer, size_t length,
                       uint64_t *position __attribute__((unused)))
{
    const struct cgroup_file *kind = file->inode->data;
    char bytes[TEXT_MAX], *text = bytes;
    size_t end = length;

    if (!kind->told || length >= TEXT_MAX)
        return -EINVAL;
    if (file_fetch(bytes, buffer, length))
        return -EFAULT;
    while (end > 0 && is_blank(bytes[end - 1]))
        end--;
    bytes[end] = 0;
    while (is_blank(*text))
        text++;
    struct cgroup *cgroup = cgroup_of(file->inode);
    if (!cgroup) /* it may have gone while its name was open, or in the copy */
        return -ENODEV;
    cgroup_hold(cgroup);
    int error = kind->told(cgroup, text);
    cgroup_release(cgroup);
    return error ? error : (long)length;
}

const char *cgroup_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    if (strncmp(text, word, length) != 0 || !is_blank(text[length]))
        return NULL;
    text += length;
    while (is_blank(*text))
        text++;
    return text;
}

/* Bytes, with K, M or G behind them or not. */
static bool read_bytes(const char *text, uint64_t *bytes)
{
    static const char units[] = "kmg";
    char number[TEXT_MAX];
    unsigned shift = 0;
    size_t length = strlen(text);

    text_copy(number, text, sizeof(number));
    const char *unit = length ? strchr(units, number[length - 1] | 0x20) : NULL;
    if (unit && *unit) {
        shift = 10 * (unsigned)(unit - units + 1);
        number[length - 1] = 0;
    }
    if (!text_number(number, bytes) || *bytes > UINT64_MAX >> shift)
        return false;
    *bytes <<= shift;
    return true;
}

/* "max", or bytes, of which whole frames count. */
static bool read_frames(const char *text, uint32_t *frames_)
{
    uint64_t bytes;

    *frames_ = UINT32_MAX;
    if (strcmp(text, "max") == 0)
        return true;
    if (!read_bytes(text, &bytes))
        return false;
    if (bytes / PAGE_SIZE < UINT32_MAX)
        *frames_ = bytes / PAGE_SIZE;
    return true;
}

static bool read_switch(const char *text, bool *on)
{
    *on = *text == '1';
    return (*text == '0' || *text == '1') && !text[1];
}

/* --- cgroup.* ---------------------------------------------------------------------------- */

static bool process_is_in(const struct process *process, const struct cgroup *cgroup)
{
    return process->space && process->space->group == group_index(cgroup_group(cgroup));
}

static int procs_show(struct proc_text *text, struct cgroup *cgroup)
{
    for (const struct process *process = process_first; process; process = process->next)
        if (process_is_in(process, cgroup))
            proc_print(text, "%d\n", process->id);
    return 0;
}

static int procs_told(struct cgroup *cgroup, const char *text)
{
    uint64_t pid;

    if (!text_number(text, &pid) || pid > INT32_MAX)
        return -EINVAL;
    struct process *process = pid ? process_find((int)pid) : process_current();
    if (!process || !process->space)
        return -ESRCH;
    struct space *space = process->space;
    uint16_t before = space->group;
    group_join(space, cgroup_group(cgroup));
    placement_traced();
    cgroup_left(before);
    allocation_now();
    return 0;
}

static int controllers_show(struct proc_text *text,
                            struct cgroup *cgroup __attribute__((unused)))
{
    proc_print(text, "memory\n");
    return 0;
}

/* On Linux a group's children have memory files only after this; here they always have. */
static int subtree_told(struct cgroup *cgroup __attribute__((unused)), const char *text)
{
    return strcmp(text, "+memory") == 0 ? 0 : -EINVAL;
}

static int events_show(struct proc_text *text, struct cgroup *cgroup)
{
    bool populated = false;

    for (const struct process *process = process_first; process; process = process->next)
        populated |= process_is_in(process, cgroup);
    proc_print(text, "populated %d\nfrozen 0\n", populated);
    return 0;
}

/* --- memory.*: how much ------------------------------------------------------------------- */

static int current_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%lu\n", (uint64_t)cgroup_group(cgroup)->charged * PAGE_SIZE);
    return 0;
}

static int peak_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%lu\n", (uint64_t)cgroup_group(cgroup)->peak * PAGE_SIZE);
    return 0;
}

static int max_show(struct proc_text *text, struct cgroup *cgroup)
{
    const struct group *group = cgroup_group(cgroup);

    if (group_limited(group_index(group)))
        proc_print(text, "%lu\n", (uint64_t)group->limit * PAGE_SIZE);
    else
        proc_print(text, "max\n");
    return 0;
}

/* A round that is under way would give a share to whom it has met without this limit. And another
 * may write while this makes room: what is fixed is the limit that is in force then. */
static int max_told(struct cgroup *cgroup, const char *text)
{
    uint32_t frames_;

    if (!read_frames(text, &frames_))
        return -EINVAL;
    struct group *group = cgroup_group(cgroup);
    bool root = group_index(group) == GROUP_ALL;
    allocation_settle();
    cgroup->fixed = frames_ != UINT32_MAX && !root;
    if (group->share)
        shares_end(group);
    int error = group_limit(group, frames_);
    cgroup->fixed = group_limited(group_index(group)) && !group->share && !root;
    allocation_now();
    return error == -ENOMEM ? -EBUSY : error;
}

static int reclaim_told(struct cgroup *cgroup, const char *text)
{
    uint32_t frames_;

    if (!read_frames(text, &frames_) || frames_ == UINT32_MAX)
        return -EINVAL;
    return group_reclaim(cgroup_group(cgroup), frames_) < frames_ ? -EAGAIN : 0;
}

/* --- memory.stat --------------------------------------------------------------------------- */

struct stat {
    uint64_t anonymous, file, shared, mapped, dirty, cached;
};

static void stat_count(struct stat *stat, const struct frame_view *view)
{
    stat->anonymous += !view->of_object;
    stat->file += view->of_object;
    stat->shared += view->of_object && !view->of_device;
    stat->mapped += view->of_object && view->mapped;
    stat->dirty += view->of_object && view->dirty;
    stat->cached += view->has_slot;
}

static int stat_show(struct proc_text *text, struct cgroup *cgroup)
{
    const struct group *group = cgroup_group(cgroup);
    struct frame_view views[PROC_VIEWS];
    struct stat stat = {0};

    mm_lock();
    uint64_t references = reference_string_next(group);
    mm_unlock();
    for (uint32_t first = 0; first < nframes; first += ARRAY_SIZE(views)) {
        if (first % FRAMES_AT_ONCE == 0)
            thread_breathe();
        unsigned count = view_frames(first, views, ARRAY_SIZE(views));
        for (unsigned i = 0; i < count; i++)
            if (views[i].state == FRAME_RESIDENT && views[i].admitted &&
                views[i].group == group_index(group))
                stat_count(&stat, &views[i]);
    }
    proc_print(text, "anon %lu\nfile %lu\nshmem %lu\nfile_mapped %lu\nfile_dirty %lu\n",
               stat.anonymous * PAGE_SIZE, stat.file * PAGE_SIZE, stat.shared * PAGE_SIZE,
               stat.mapped * PAGE_SIZE, stat.dirty * PAGE_SIZE);
    proc_print(text, "swapcached %lu\n", stat.cached * PAGE_SIZE);
    proc_print(text, "workingset_refault_anon %lu\npgscan %lu\npgsteal %lu\n",
               group->refaulted, group->scanned, group->evicted);
    proc_print(text, "pswpin %lu\npswpout %lu\n", group->page_ins, group->written);
    proc_print(text, "foreign %lu\n", group->foreign);
    proc_print(text, "exact_references %lu\n", references);
    proc_print(text, "admitted %lu\nrescued %lu\nticks %lu\ntick_period %u\n",
               group->faults, group->rescued, group->ticks, group->tick_period);
    return 0;
}

/* --- memory.*: which page goes -------------------------------------------------------------- */

static int policy_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%s\n", cgroup_group(cgroup)->policy->name);
    return 0;
}

static int policy_told(struct cgroup *cgroup, const char *text) EXCLUDES(mm)
{
    const struct policy *policy = policy_find(text);

    if (!policy)
        return -EINVAL;
    mm_lock();
    policy_change(cgroup_group(cgroup), policy);
    mm_unlock();
    return 0;
}

static int tick_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%lu\n", cgroup_group(cgroup)->ticks);
    return 0;
}

#define TICKS_MAX 1000u /* at once */

/* "3": three ticks, now. "period 8": from now on a tick every 8 faults; 0: none. */
static int tick_told(struct cgroup *cgroup, const char *text)
{
    const char *period = cgroup_word(text, "period");
    uint64_t number;

    if (!text_number(period ? period : text, &number) ||
        number > (period ? UINT32_MAX : TICKS_MAX))
        return -EINVAL;
    if (period)
        group_tick_every(cgroup_group(cgroup), number);
    else
        while (number--)
            group_tick(cgroup_group(cgroup));
    return 0;
}

static int tracing_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%d\n", group_traced(group_index(cgroup_group(cgroup))));
    return 0;
}

static int tracing_told(struct cgroup *cgroup, const char *text)
{
    bool on;

    if (!read_switch(text, &on))
        return -EINVAL;
    int error = reference_tracing_set(cgroup_group(cgroup), on);
    placement_traced();
    return error;
}

/* --- Working sets in references -------------------------------------------------------------- */

#define WINDOW_DEFAULT 10u
#define WINDOW_MAX     2048u /* each reference is compared with all that follow */

static uint32_t window_of(const struct cgroup *cgroup)
{
    return cgroup->window ? cgroup->window : WINDOW_DEFAULT;
}

static int window_show(struct proc_text *text, struct cgroup *cgroup)
{
    proc_print(text, "%u\n", window_of(cgroup));
    return 0;
}

static int window_told(struct cgroup *cgroup, const char *text)
{
    uint64_t window;

    if (!text_number(text, &window) || !window || window > WINDOW_MAX)
        return -EINVAL;
    cgroup->window = window;
    return 0;
}

/* The pages, those used longest ago first. */
static int working_set_show(struct proc_text *text, struct cgroup *cgroup)
{
    const struct group *group = cgroup_group(cgroup);
    struct reference reference;
    uint64_t at = 0;

    while (working_set_next(group, window_of(cgroup), &at, &reference)) {
        proc_print(text, "%#014lx # %u\n", reference.address, reference.space);
        thread_breathe();
    }
    return 0;
}

#define READ  (S_IFREG | 0444)
#define WRITE (S_IFREG | 0200)
#define BOTH  (S_IFREG | 0644)

const struct cgroup_file cgroup_files[] = {
    {"cgroup.controllers", READ, controllers_show, NULL, NULL},
    {"cgroup.events", READ, events_show, NULL, NULL},
    {"cgroup.procs", BOTH, procs_show, procs_told, NULL},
    {"cgroup.subtree_control", BOTH, controllers_show, subtree_told, NULL},
    {"memory.claim", READ, cgroup_claim_show, NULL, NULL},
    {"memory.current", READ, current_show, NULL, NULL},
    {"memory.exact", BOTH, tracing_show, tracing_told, NULL},
    {"memory.max", BOTH, max_show, max_told, NULL},
    {"memory.peak", READ, peak_show, NULL, NULL},
    {"memory.policy", BOTH, policy_show, policy_told, NULL},
    {"memory.reclaim", WRITE, NULL, reclaim_told, NULL},
    {"memory.references", READ, NULL, NULL, &references_operations},
    {"memory.stat", READ, stat_show, NULL, NULL},
    {"memory.tick", BOTH, tick_show, tick_told, NULL},
    {"memory.victims", BOTH, NULL, victims_told, &victims_operations},
    {"memory.window", BOTH, window_show, window_told, NULL},
    {"memory.workingset", READ, working_set_show, NULL, NULL},
    {NULL, 0, NULL, NULL, NULL},
};
