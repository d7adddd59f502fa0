/* kernel/procfs/settings.c - the files of /proc/sys that can be written: a setting each.
 *
 * What is written is one line; what is read is shown by the table the file stands in. */
#include "arch/user.h"
#include "kernel/file/regular.h"
#include "kernel/file/shared_memory.h"
#include "kernel/process/capacity.h"
#include "kernel/process/turns.h"
#include "kernel/procfs/proc.h"
#include "kernel/thrashing/sampling.h"
#include "kernel/thrashing/thrashing.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define LINE_MAX 64u

#define WINDOW_LONGEST 3600000u /* ms */

/* --- Those that are more than a number that is kept ---------------------------------------- */

static int window_told(uint64_t window)
{
    sampling_change(window * 1000000);
    sampling_read();
    return 0;
}

static int prepaging_told(uint64_t on)
{
    load_prepages = on;
    return 0;
}

static int overcommit_told(uint64_t policy)
{
    mm_lock();
    promise_policy_set((enum promise_policy)policy);
    mm_unlock();
    return 0;
}

uint32_t min_free_rest;

/* What is kept free for the kernel, in whole frames; but the file says what it was told. */
static int min_free_told(uint64_t kib)
{
    if (!frame_watermarks_change((uint32_t)(kib / (PAGE_SIZE / 1024))))
        return -EINVAL;
    min_free_rest = kib % (PAGE_SIZE / 1024);
    return 0;
}

/* 1: clean pages of files that nobody maps; 2: what the kernel keeps for later; 3: both; 4: say
 * nothing of it in the log, where nothing is said anyway. */
static int drop_caches_told(uint64_t what) EXCLUDES(mm)
{
    mm_lock();
    if (what & 1)
        objects_drop_clean();
    if (what & 2)
        pageout_shrink();
    mm_unlock();
    return 0;
}

/* -1: threads with a real-time priority may take all of the processor. */
static int urgent_told(uint64_t budget)
{
    bool unlimited = budget == UINT64_MAX;

    if (!unlimited && budget != URGENT_BUDGET_NS / 1000)
        return -EINVAL;
    turns_limit_urgent(!unlimited);
    return 0;
}

static int swappiness_told(uint64_t weight)
{
    mm_lock();
    swappiness_set((uint32_t)weight);
    mm_unlock();
    return 0;
}

/* --- All of them ----------------------------------------------------------------------------- */

static const struct setting {
    const char *name; /* of the file */
    int64_t least;
    uint64_t most;
    uint32_t *kept; /* here, or… */
    uint64_t *kept_wide;
    int (*told)(uint64_t number); /* …told it: 0, or -errno */
} settings[] = {
    {"drop_caches", 1, 4, .told = drop_caches_told},
    {"max_map_count", 0, INT32_MAX, .kept = &region_most},
    {"min_free_kbytes", 0, INT32_MAX, .told = min_free_told},
    {"pid_max", IDS_LEAST, IDS_MOST, .kept = &capacity.ids},
    {"overcommit_memory", PROMISE_PLAUSIBLE, PROMISE_KEPT, .told = overcommit_told},
    {"overcommit_ratio", 0, INT32_MAX, .kept = &promise_ratio},
    {"prepaging", 0, 1, .told = prepaging_told},
    {"sched_rt_runtime_us", -1, INT32_MAX, .told = urgent_told},
    {"shmall", 0, UINT64_MAX, .kept_wide = &capacity.segment_pages},
    {"shmmax", 0, UINT64_MAX, .kept_wide = &capacity.segment_bytes},
    {"shmmni", 0, SEGMENTS_MAX, .kept = &capacity.segments},
    {"swappiness", 0, SWAPPINESS_MOST, .told = swappiness_told},
    {"threads-max", THREADS_LEAST, THREADS_MOST, .kept = &capacity.threads},
    {"working_set_window", 0, WINDOW_LONGEST, .told = window_told},
};

static bool setting_allows(const struct setting *setting, const struct proc_number *number)
{
    if (number->below)
        return number->value <= INT64_MAX && -(int64_t)number->value >= setting->least;
    return number->value <= setting->most &&
           (setting->least < 0 || number->value >= (uint64_t)setting->least);
}

static int setting_tell(const struct setting *setting, uint64_t number)
{
    if (setting->told)
        return setting->told(number);
    if (setting->kept)
        *setting->kept = (uint32_t)number;
    else
        *setting->kept_wide = number;
    return 0;
}

/* How many bytes of the line were the number; -errno. */
static long number_told(const char *name, const char *line, size_t length)
{
    const struct setting *setting = settings;
    struct proc_number number;

    while (strcmp(setting->name, name) != 0)
        setting++;
    long taken = proc_number_first(line, length, &number);
    if (taken < 0)
        return taken;
    if (!setting_allows(setting, &number))
        return -EINVAL;
    int error = setting_tell(setting, number.below ? -number.value : number.value);
    return error ? error : taken;
}

/* The one that is a word. */
static long load_control_told(char *line, size_t length)
{
    size_t end = length;

    while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == ' '))
        line[--end] = 0;
    return load_choose(line) ? (long)length : -EINVAL;
}

/* What is written behind the beginning does nothing, as on Linux. */
static long setting_write(struct file *file, const void __user *buffer, size_t length,
                          uint64_t *position)
{
    const char *name = proc_node(file->inode)->file->name;
    char line[LINE_MAX];
    long taken = length;

    if (*position == 0 && length > 0) {
        if (length >= LINE_MAX)
            length = LINE_MAX - 1;
        if (file_fetch(line, buffer, length))
            return -EFAULT;
        line[length] = 0;
        taken = strcmp(name, "load_control") == 0 ? load_control_told(line, length)
                                                  : number_told(name, line, length);
    }
    *position += taken > 0 ? taken : 0;
    return taken;
}

/* What is only told, and says nothing: not even who may do all reads it. */
static int told_open(struct file *file)
{
    return file_may_read(file) ? -EACCES : 0;
}

const struct inode_operations proc_told_operations = {
    .open = told_open,
    .write = setting_write,
    .fetches = true,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_setting_operations = {
    .read = proc_text_read,
    .write = setting_write,
    .fetches = true,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};
