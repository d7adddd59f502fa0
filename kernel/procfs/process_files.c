/* kernel/procfs/process_files.c - /proc/PID: what one process is, has and has done. */
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/procfs/proc.h"
#include "kernel/report/watch.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define NS_PER_TICK 10000000ul /* USER_HZ is 100 */
#define KIB(pages_) ((uint64_t)(pages_) * (PAGE_SIZE / 1024))

static int process_threads(const struct process *process)
{
    return process->thread_count;
}

static int process_parent(const struct process *process)
{
    return process->parent ? process->parent->id : 0;
}

/* Signals that are ignored, or caught, a bit each. */
static uint64_t process_signals(const struct process *process, bool ignored)
{
    uint64_t set = 0;

    for (int i = 0; process->handlers && i < SIGNALS; i++) {
        uint64_t handler = process->handlers->action[i].handler;
        if (ignored ? handler == SIG_IGN : handler > SIG_IGN)
            set |= 1ull << i;
    }
    return set;
}

/* What a process and each thread of it show alike. */
struct shown {
    int id;
    const char *name;
    char state;
    uint64_t user, kernel, minor, major; /* times in ns; faults */
    const struct thread *scheduled;      /* whose priority is shown; NULL: it has ended */
};

static struct shown shown_process(const struct process *process)
{
    struct shown shown = {.id = process->id,
                          .name = process->name,
                          .state = process_state_letter(process),
                          .minor = process->minor_faults,
                          .major = process->major_faults,
                          .scheduled = process->threads};
    process_times(process, &shown.user, &shown.kernel);
    return shown;
}

static struct shown shown_thread(const struct process *process, const struct thread *thread)
{
    bool first = thread->id == process->id;
    return (struct shown){.id = thread->id,
                          .name = first ? process->name : thread->name,
                          .state = thread_state_letter(thread),
                          .user = thread->user_time,
                          .kernel = thread->kernel_time,
                          .minor = thread->minor_faults,
                          .major = thread->major_faults,
                          .scheduled = thread};
}

/* The 52 fields of proc(5). `thread`: whose signals to show, or NULL. */
static void print_stat(struct proc_text *text, const struct process *process,
                       const struct thread *thread, struct shown shown,
                       const struct proc_usage *usage)
{
    struct space *space = process->space;
    int urgent = shown.scheduled ? shown.scheduled->urgent : 0;

    proc_print(text, "%d (%s) %c %d %d %d %d %d 0 %lu %lu %lu %lu ", shown.id, shown.name,
               shown.state, process_parent(process), process->group, process->session,
               process->terminal ? 4 << 8 | 64 : 0, process->terminal ? process->group : -1,
               shown.minor, process->children_minor, shown.major, process->children_major);
    proc_print(text, "%lu %lu %lu %lu %d %d %d 0 %lu %lu %lu %lu ",
               shown.user / NS_PER_TICK, shown.kernel / NS_PER_TICK,
               process->children_user / NS_PER_TICK, process->children_kernel / NS_PER_TICK,
               urgent ? -1 - urgent : 20 + process->nice, process->nice,
               process_threads(process), process->started / NS_PER_TICK,
               space ? space->promised : 0, space ? view_resident(space) : 0,
               process->limits[RLIMIT_RSS].soft);
    proc_print(text, "%lu %lu %lu 0 0 %lu %lu %lu %lu 0 %lu 0 %d 0 %d %u 0 0 0 ",
               process->layout.code_start, process->layout.code_end,
               process->layout.stack_start, process->signals_pending,
               thread ? thread->signals_blocked : 0, process_signals(process, true),
               process_signals(process, false), usage->swapped, process->exit_signal,
               urgent,
               shown.scheduled ? shown.scheduled->policy & ~SCHED_RESET_ON_FORK : 0);
    proc_print(text, "%lu %lu %lu %lu %lu %lu %lu %d\n", process->layout.data_start,
               process->layout.data_end, space ? space->heap_start : 0,
               process->argument_start, process->argument_end, process->environment_start,
               process->environment_end, process->wait_status);
}

static int proc_process_stat(struct proc_text *text, struct process *process)
{
    struct proc_usage usage;

    if (!proc_usage(&process, &usage) && !process)
        return -ESRCH;
    print_stat(text, process, process->threads, shown_process(process), &usage);
    return 0;
}

void proc_thread_stat(struct proc_text *text, const struct process *process,
                      const struct thread *thread, const struct proc_usage *usage)
{
    print_stat(text, process, thread, shown_thread(process, thread), usage);
}

static int proc_process_statm(struct proc_text *text, struct process *process)
{
    struct proc_usage usage;

    if (!proc_usage(&process, &usage) && !process)
        return -ESRCH;
    struct space *space = process->space;
    if (!space) {
        proc_print(text, "0 0 0 0 0 0 0\n");
        return 0;
    }
    uint64_t text_pages = 0, data_pages = 0;
    struct region_view region;
    for (uintptr_t at = 0; view_region_above(space, at, &region); at = region.end) {
        uint64_t pages_ = (region.end - region.start) / PAGE_SIZE;
        if (region.access & ACCESS_EXECUTE)
            text_pages += pages_;
        else if ((region.access & ACCESS_WRITE) && !region.shared)
            data_pages += pages_;
    }
    proc_print(text, "%lu %lu %lu %lu 0 %lu 0\n", space->promised / PAGE_SIZE,
               view_resident(space), usage.objects, text_pages, data_pages);
    return 0;
}

static int proc_process_group(struct proc_text *text, struct process *process)
{
    const char *name = process->space ? cgroup_name(process->space->group) : NULL;

    proc_print(text, "0::/%s\n", name ? name : "");
    return 0;
}

static int proc_process_comm(struct proc_text *text, struct process *process)
{
    proc_print(text, "%s\n", process->name);
    return 0;
}

/* --- status ---------------------------------------------------------------------------------- */

static const char *state_word(char letter)
{
    switch (letter) {
    case 'R':
        return "running";
    case 'S':
        return "sleeping";
    case 'D':
        return "disk sleep";
    case 'T':
        return "stopped";
    default:
        return "zombie";
    }
}

static void print_memory(struct proc_text *text, struct space *space,
                         const struct proc_usage *usage)
{
    uint64_t resident = view_resident(space), wired = 0;

    struct region_view region;
    for (uintptr_t at = 0; view_region_above(space, at, &region); at = region.end)
        wired += region.wired ? region.end - region.start : 0;
    proc_print(text, "VmPeak:\t%8lu kB\n", space_promised_most(space) / 1024);
    proc_print(text, "VmSize:\t%8lu kB\n", space->promised / 1024);
    proc_print(text, "VmLck:\t%8lu kB\n", wired / 1024);
    proc_print(text, "VmHWM:\t%8lu kB\n", KIB(space_resident_most(space)));
    proc_print(text, "VmRSS:\t%8lu kB\n", KIB(resident));
    proc_print(text, "RssAnon:\t%8lu kB\n", KIB(resident - usage->objects));
    proc_print(text, "RssFile:\t%8lu kB\n", KIB(usage->objects));
    proc_print(text, "VmPTE:\t%8lu kB\n", KIB(space->table.frames));
    proc_print(text, "VmSwap:\t%8lu kB\n", KIB(usage->swapped));
    proc_print(text, "WorkingSet:\t%8lu kB\n", KIB(usage->working_set));
}

/* What the process's whole program holds (account.h). */
int proc_account(struct proc_text *text, struct process *process)
{
    const struct account *account = process->space ? process->space->account : NULL;

    if (!account)
        return 0;
    const uint64_t *held = account->held;
    proc_print(text, "processes %u\npages     %lu\ntables    %lu\nstacks    %lu\n",
               account->spaces, held[ACCOUNT_PAGES], held[ACCOUNT_TABLES],
               held[ACCOUNT_STACKS]);
    proc_print(text, "kernel    %lu\nobjects   %lu B\n", held[ACCOUNT_FRAMES],
               held[ACCOUNT_BYTES]);
    return 0;
}

/* "zero-fill" as status has names: "FaultsZeroFill". */
static void print_fault_kind(struct proc_text *text, const char *kind, uint64_t count)
{
    char name[32];
    bool begins = true;
    unsigned length = 0;

    for (; *kind && length < sizeof(name) - 1; kind++) {
        if (*kind != '-')
            name[length++] = begins ? *kind - 'a' + 'A' : *kind;
        begins = *kind == '-';
    }
    name[length] = 0;
    proc_print(text, "Faults%s:\t%lu\n", name, count);
}

static void print_faults(struct proc_text *text, const struct process *process)
{
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        print_fault_kind(text, fault_kind_names[i], process->faults[i]);
    proc_print(text, "FaultsMajor:\t%lu\n", process->major_faults);
}

static void print_status(struct proc_text *text, const struct process *process,
                         const struct thread *thread, struct shown shown,
                         const struct proc_usage *usage)
{
    proc_print(text, "Name:\t%s\n", shown.name);
    if (process->directories)
        proc_print(text, "Umask:\t%04o\n", process->directories->umask);
    proc_print(text, "State:\t%c (%s)\n", shown.state, state_word(shown.state));
    proc_print(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
               process->id, shown.id, process_parent(process));
    proc_print(text, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%d\n",
               process->files ? files_room(process->files) : 0);
    if (process->space)
        print_memory(text, process->space, usage);
    proc_print(text, "Threads:\t%d\nNoNewPrivs:\t%d\n", process_threads(process),
               process->no_new_privileges);
    proc_print(text, "Suspended:\t%d\n", process->suspended);
    proc_print(text, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
               thread ? thread->signals_pending : 0, process->signals_pending,
               thread ? thread->signals_blocked : 0);
    proc_print(text, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", process_signals(process, true),
               process_signals(process, false));
    print_faults(text, process);
}

int proc_status(struct proc_text *text, struct process *process)
{
    struct proc_usage usage;

    if (!proc_usage(&process, &usage) && !process)
        return -ESRCH;
    print_status(text, process, process->threads, shown_process(process), &usage);
    return 0;
}

void proc_thread_status(struct proc_text *text, const struct process *process,
                        const struct thread *thread, const struct proc_usage *usage)
{
    print_status(text, process, thread, shown_thread(process, thread), usage);
}

/* --- faults: looking on --------------------------------------------------------------- */

static int faults_open(struct file *file)
{
    struct process *process;
    int error = proc_process(file->inode, &process);

    file->inode->seekable = false; /* each opening is a stream, and reading it waits */
    return error ? error : watch_open(process, file);
}

const struct inode_operations proc_faults_operations = {
    .open = faults_open,
    .close = watch_close,
    .read = watch_read,
    .write = watch_write,
    .ready = watch_ready,
    .destroy = proc_inode_destroy,
};

#define TEXT (S_IFREG | 0444)
#define LINK (S_IFLNK | 0777)

const struct proc_file proc_process_files[] = {
    {"account", TEXT, proc_account, NULL},
    {"auxv", S_IFREG | 0400, proc_auxv, &proc_ended_memory_operations},
    {"cgroup", TEXT, proc_process_group, NULL},
    {"clear_refs", S_IFREG | 0200, NULL, &proc_clear_refs_operations},
    {"cmdline", TEXT, proc_cmdline, &proc_ended_text_operations},
    {"comm", TEXT, proc_process_comm, NULL},
    {"cwd", LINK, NULL, &proc_link_operations},
    {"environ", TEXT, proc_environ, &proc_ended_memory_operations},
    {"exe", LINK, NULL, &proc_link_operations},
    {"faults", S_IFREG | 0600, NULL, &proc_faults_operations},
    {"fd", S_IFDIR | 0500, NULL, &proc_fd_directory_operations},
    {"limits", TEXT, proc_limits, NULL},
    {"maps", TEXT, proc_maps, NULL},
    {"mem", S_IFREG | 0600, NULL, &proc_mem_operations},
    {"mounts", TEXT, proc_mounts, &proc_mounts_operations},
    {"oom_score", TEXT, proc_oom_score, NULL},
    {"oom_score_adj", S_IFREG | 0644, proc_oom_adjust, &proc_oom_adjust_operations},
    {"pagemap", S_IFREG | 0400, NULL, &proc_pagemap_operations},
    {"pages", TEXT, proc_pages, NULL},
    {"root", LINK, NULL, &proc_link_operations},
    {"smaps", TEXT, proc_smaps, NULL},
    {"smaps_rollup", TEXT, proc_smaps_rollup, &proc_memory_text_operations},
    {"stat", TEXT, proc_process_stat, NULL},
    {"statm", TEXT, proc_process_statm, NULL},
    {"status", TEXT, proc_status, NULL},
    {"task", S_IFDIR | 0555, NULL, &proc_tasks_operations},
    {NULL, 0, NULL, NULL},
};
