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
#include "lib/text.h"
#include "mm/mm.h"

#define LINE_MAX 64u

#define WINDOW_LONGEST 3600000u /* ms */

static int working_set_window_told(const char *text)
{
    uint64_t window;

    if (!text_number(text, &window) || window > WINDOW_LONGEST)
        return -EINVAL;
    sampling_change(window * 1000000);
    return 0;
}

static int load_control_told(const char *text)
{
    return load_choose(text) ? 0 : -EINVAL;
}

static int prepaging_told(const char *text)
{
    if ((*text != '0' && *text != '1') || text[1])
        return -EINVAL;
    load_prepages = *text == '1';
    return 0;
}

/* A whole number from `least` to `most`, or -EINVAL. */
static int number_told(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    uint64_t told;

    if (!text_number(text, &told) || told < least || told > most)
        return -EINVAL;
    *number = told;
    return 0;
}

static int number32_told(const char *text, uint32_t least, uint32_t most, uint32_t *set)
{
    uint64_t number;
    int error = number_told(text, least, most, &number);

    if (!error)
        *set = (uint32_t)number;
    return error;
}

static int threads_told(const char *text)
{
    return number32_told(text, THREADS_LEAST, THREADS_MOST, &capacity.threads);
}

static int ids_told(const char *text)
{
    return number32_told(text, IDS_LEAST, IDS_MOST, &capacity.ids);
}

static int regions_told(const char *text)
{
    return number32_told(text, 0, INT32_MAX, &region_most);
}

static int overcommit_told(const char *text)
{
    uint64_t policy;
    int error = number_told(text, PROMISE_PLAUSIBLE, PROMISE_KEPT, &policy);

    if (error)
        return error;
    mm_lock();
    promise_policy_set((enum promise_policy)policy);
    mm_unlock();
    return 0;
}

static int overcommit_ratio_told(const char *text)
{
    return number32_told(text, 0, INT32_MAX, &promise_ratio);
}

static int segments_told(const char *text)
{
    return number32_told(text, 0, SEGMENTS_MAX, &capacity.segments);
}

static int segment_pages_told(const char *text)
{
    return number_told(text, 0, UINT64_MAX, &capacity.segment_pages);
}

static int segment_bytes_told(const char *text)
{
    return number_told(text, 0, UINT64_MAX, &capacity.segment_bytes);
}

/* What is kept free for the kernel, in whole frames. */
static int min_free_told(const char *text)
{
    uint64_t kib;
    int error = number_told(text, 0, INT32_MAX, &kib);

    if (error)
        return error;
    return frame_watermarks_change((uint32_t)(kib / (PAGE_SIZE / 1024))) ? 0 : -EINVAL;
}

/* 1: clean pages of files that nobody maps; 2: what the kernel keeps for later; 3: both. */
static int drop_caches_told(const char *text) EXCLUDES(mm)
{
    uint64_t what;
    int error = number_told(text, 1, 3, &what);

    if (error)
        return error;
    mm_lock();
    if (what & 1)
        objects_drop_clean();
    if (what & 2)
        pageout_shrink();
    mm_unlock();
    return 0;
}

/* -1: threads with a real-time priority may take all of the processor. */
static int urgent_told(const char *text)
{
    uint64_t budget;
    bool unlimited = strcmp(text, "-1") == 0;

    if (!unlimited && (!text_number(text, &budget) || budget != URGENT_BUDGET_NS / 1000))
        return -EINVAL;
    turns_limit_urgent(!unlimited);
    return 0;
}

/* Pages are weighed alike, whatever is behind them: what Linux calls 100. */
static int swappiness_told(const char *text)
{
    uint64_t weight;
    int error = number_told(text, 0, 2 * SWAPPINESS, &weight);

    return error ? error : weight == SWAPPINESS ? 0 : -EPERM;
}

static const struct setting {
    const char *name; /* of the file */
    /* Told `text`, without blanks behind it. 0, or -errno. */
    int (*told)(const char *text);
} settings[] = {
    {"drop_caches", drop_caches_told},
    {"load_control", load_control_told},
    {"max_map_count", regions_told},
    {"min_free_kbytes", min_free_told},
    {"pid_max", ids_told},
    {"overcommit_memory", overcommit_told},
    {"overcommit_ratio", overcommit_ratio_told},
    {"prepaging", prepaging_told},
    {"sched_rt_runtime_us", urgent_told},
    {"shmall", segment_pages_told},
    {"shmmax", segment_bytes_told},
    {"shmmni", segments_told},
    {"swappiness", swappiness_told},
    {"threads-max", threads_told},
    {"working_set_window", working_set_window_told},
};

static long setting_write(struct file *file, const void __user *buffer, size_t length,
                          uint64_t *position)
{
    const char *name = proc_node(file->inode)->file->name;
    char line[LINE_MAX];

    if (length >= LINE_MAX)
        return -EINVAL;
    if (file_fetch(line, buffer, length))
        return -EFAULT;
    size_t end = length;
    while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == ' '))
        end--;
    line[end] = 0;
    int error = -EINVAL;
    for (unsigned i = 0; i < ARRAY_SIZE(settings); i++)
        if (strcmp(settings[i].name, name) == 0)
            error = settings[i].told(line);
    if (error)
        return error;
    *position += length;
    return length;
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
