/* kernel/procfs/sys.c - /proc/sys and /proc/sysvipc: the few of Linux's settings that
 * programs look up.
 *
 * Most are read only: they say how things are here. What can be set is in settings.c. */
#include "kernel/file/shared_memory.h"
#include "kernel/linux/system_names.h"
#include "kernel/process/capacity.h"
#include "kernel/process/turns.h"
#include "kernel/procfs/proc.h"
#include "kernel/thrashing/sampling.h"
#include "kernel/thrashing/thrashing.h"
#include "mm/mm.h"

#define TEXT   (S_IFREG | 0444)
#define FOLDER (S_IFDIR | 0555)

#define SETTING (S_IFREG | 0644)

/* A file that shows a word. */
#define WORD(function, words)                                            \
    static int function(struct proc_text *text,                          \
                        struct process *process __attribute__((unused))) \
    {                                                                    \
        proc_print(text, "%s\n", words);                                 \
        return 0;                                                        \
    }

WORD(show_type, "Linux")
WORD(show_release, "6.1.0-faultline")
WORD(show_version, "#1 Faultline")
WORD(show_host, system_names.host)
WORD(show_domain, system_names.domain)
WORD(show_zero, "0") /* no random addresses, nothing tainted, no swap readahead, no panic */
WORD(show_entropy, "256") /* bits: all there ever are */
WORD(show_files, "65536")
WORD(show_pipe, "65536")
WORD(show_pipe_pages, "16384") /* of users that are not root */
WORD(show_core, "core")        /* in the working directory */
WORD(show_load_control, load_chosen())

/* A file that shows a number of ours. */
#define NUMBER(function, number)                                         \
    static int function(struct proc_text *text,                          \
                        struct process *process __attribute__((unused))) \
    {                                                                    \
        proc_print(text, "%lu\n", (unsigned long)(number));              \
        return 0;                                                        \
    }

NUMBER(show_ids, capacity.ids)
NUMBER(show_overcommit, promise_policy)
NUMBER(show_ratio, promise_ratio)
NUMBER(show_threads_max, capacity.threads)
NUMBER(show_urgent_period, URGENT_PERIOD_NS / 1000)
NUMBER(show_slice, SLICE_NS / 1000000)
NUMBER(show_segments, capacity.segments)
NUMBER(show_segment_pages, capacity.segment_pages)
NUMBER(show_segment_bytes, capacity.segment_bytes)
NUMBER(show_swappiness, swappiness)
NUMBER(show_regions, region_most)
NUMBER(show_min_free, frame_watermarks.reserve *(PAGE_SIZE / 1024) + min_free_rest)
NUMBER(show_lowest, REGION_BOTTOM)
NUMBER(show_window, sampling_window / 1000000)
NUMBER(show_prepaging, load_prepages)

static int show_urgent_budget(struct proc_text *text,
                              struct process *process __attribute__((unused)))
{
    proc_print(text, "%ld\n",
               turns_urgent_limited() ? (long)(URGENT_BUDGET_NS / 1000) : -1L);
    return 0;
}

static int show_segments_list(struct proc_text *text,
                              struct process *process __attribute__((unused)))
{
    proc_print(
        text,
        "       key      shmid perms                  size  cpid  lpid nattch   uid   "
        "gid  cuid  cgid      atime      dtime      ctime                   rss        "
        "          swap\n");
    for (const struct segment *at = segment_first; at; at = at->next) {
        uint64_t resident, swapped;
        segment_pages(at, &resident, &swapped);
        proc_print(text, "%10d %10d  %4o %21lu %5d %5d  %5lu %5u %5u %5u %5u ", at->key,
                   at->id, at->mode | (at->removed ? 01000 : 0), at->size, at->creator,
                   at->last, segment_attachments(at), at->owner, at->group, 0u, 0u);
        proc_print(text, "%10lu %10lu %10lu %21lu %21lu\n", at->attached, at->detached,
                   at->changed, resident * PAGE_SIZE, swapped * PAGE_SIZE);
    }
    return 0;
}

/* The operations of a folder whose table is NAME_files. */
#define FOLDER_OPERATIONS(name)                                                         \
    static int name##_lookup(struct inode *directory, const char *file,                 \
                             struct inode **found)                                      \
    {                                                                                   \
        return proc_table_lookup(directory, name##_files, file, found);                 \
    }                                                                                   \
    static int name##_entry(struct inode *directory, uint64_t *cookie,                  \
                            struct entry_view *view)                                    \
    {                                                                                   \
        return proc_table_entry(name##_files, proc_node(directory)->pid, cookie, view); \
    }                                                                                   \
    const struct inode_operations proc_##name##_operations = {                          \
        .lookup = name##_lookup,                                                        \
        .entry = name##_entry,                                                          \
        .destroy = proc_inode_destroy,                                                  \
    };

static const struct proc_file sys_random_files[] = {
    {"entropy_avail", TEXT, show_entropy, NULL},
    {"poolsize", TEXT, show_entropy, NULL},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sys_random)

static const struct proc_file sys_kernel_files[] = {
    {"core_pattern", TEXT, show_core, NULL},
    {"domainname", TEXT, show_domain, NULL},
    {"hostname", TEXT, show_host, NULL},
    {"osrelease", TEXT, show_release, NULL},
    {"ostype", TEXT, show_type, NULL},
    {"pid_max", SETTING, show_ids, &proc_setting_operations},
    {"randomize_va_space", TEXT, show_zero, NULL},
    {"random", FOLDER, NULL, &proc_sys_random_operations},
    {"sched_rt_period_us", TEXT, show_urgent_period, NULL},
    {"sched_rr_timeslice_ms", TEXT, show_slice, NULL},
    {"sched_rt_runtime_us", SETTING, show_urgent_budget, &proc_setting_operations},
    {"shmall", SETTING, show_segment_pages, &proc_setting_operations},
    {"shmmax", SETTING, show_segment_bytes, &proc_setting_operations},
    {"shmmni", SETTING, show_segments, &proc_setting_operations},
    {"tainted", TEXT, show_zero, NULL},
    {"threads-max", SETTING, show_threads_max, &proc_setting_operations},
    {"version", TEXT, show_version, NULL},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sys_kernel)

static const struct proc_file sys_vm_files[] = {
    {"drop_caches", S_IFREG | 0200, NULL, &proc_told_operations},
    {"load_control", SETTING, show_load_control, &proc_setting_operations},
    {"max_map_count", SETTING, show_regions, &proc_setting_operations},
    {"min_free_kbytes", SETTING, show_min_free, &proc_setting_operations},
    {"mmap_min_addr", TEXT, show_lowest, NULL},
    {"overcommit_memory", SETTING, show_overcommit, &proc_setting_operations},
    {"overcommit_ratio", SETTING, show_ratio, &proc_setting_operations},
    {"page-cluster", TEXT, show_zero, NULL},
    {"panic_on_oom", TEXT, show_zero, NULL},
    {"prepaging", SETTING, show_prepaging, &proc_setting_operations},
    {"swappiness", SETTING, show_swappiness, &proc_setting_operations},
    {"working_set_window", SETTING, show_window, &proc_setting_operations},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sys_vm)

static const struct proc_file sys_fs_files[] = {
    {"nr_open", TEXT, show_files, NULL},
    {"pipe-max-size", TEXT, show_pipe, NULL},
    {"pipe-user-pages-soft", TEXT, show_pipe_pages, NULL},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sys_fs)

static const struct proc_file sys_files[] = {
    {"fs", FOLDER, NULL, &proc_sys_fs_operations},
    {"kernel", FOLDER, NULL, &proc_sys_kernel_operations},
    {"vm", FOLDER, NULL, &proc_sys_vm_operations},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sys)

static const struct proc_file sysvipc_files[] = {
    {"shm", TEXT, show_segments_list, NULL},
    {NULL, 0, NULL, NULL},
};
FOLDER_OPERATIONS(sysvipc)
