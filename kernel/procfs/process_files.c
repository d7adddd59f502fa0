/* kernel/procfs/process_files.c - /proc/PID: what one process is, has and has done. */
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/process/placement.h"
#include "kernel/procfs/proc.h"
#include "kernel/report/watch.h"
#include "kernel/terminal/tty_input.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define NS_PER_TICK 10000000ul /* USER_HZ is 100 */

/* One that has ended is still its first thread. */
static unsigned process_threads(const struct process *process)
{
    return process->thread_count ? process->thread_count : 1;
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
    struct spent spent;
    const struct thread *thread; /* whose signals and priority; NULL: it has ended */
    bool first, alone;           /* the process, or its first thread; or all of it */
};

static struct shown shown_process(const struct process *process)
{
    return (struct shown){.id = process->id,
                          .name = process->name,
                          .state = process_state_letter(process),
                          .spent = process_spent(process),
                          .thread = process->threads,
                          .first = true,
                          .alone = process->thread_count < 2};
}

static struct shown shown_thread(struct thread *thread)
{
    return (struct shown){.id = thread->id,
                          .name = thread_name(thread),
                          .state = thread_state_letter(thread),
                          .spent = thread_spent(thread),
                          .thread = thread,
                          .first = thread->id == thread->process->id,
                          .alone = true};
}

/* --- stat: the 52 fields of proc(5) ---------------------------------------------------------- */

/* Linux's PF_…, as far as they say something here. */
static unsigned stat_flags(const struct process *process, bool first)
{
    enum { EXITING = 0x4, FORKNOEXEC = 0x40, SIGNALED = 0x400 };
    unsigned flags = first && process->execed ? 0 : FORKNOEXEC;

    if (process->state == PROCESS_ZOMBIE)
        flags |= EXITING | (process->wait_status & WAIT_SIGNAL ? SIGNALED : 0);
    return flags;
}

/* How it ended, or which signal has stopped it as long as its parent has not been told. */
static int stat_end(const struct process *process)
{
    if (process->state == PROCESS_ZOMBIE)
        return process->wait_status;
    return process->stopped && !process->stop_told ? process->wait_status >> 8 : 0;
}

#define STAT_SIGNALS 0x7ffffffful /* of so many stat tells; status of all */

static void print_stat(struct proc_text *text, const struct process *process,
                       struct shown shown)
{
    struct space *space = process->space;
    static const struct process none;
    const struct process *of = space ? process : &none; /* what was where in memory */
    const struct thread *thread = shown.thread;
    int urgent = thread ? thread->urgent : 0;

    proc_print(text, "%d (%s) %c %d %d %d %d %d %u %lu %lu %lu %lu ", shown.id, shown.name,
               shown.state, process_parent(process), process->group, process->session,
               process->terminal ? 4 << 8 | 64 : 0,
               process->terminal ? tty_foreground(process->terminal) : -1,
               stat_flags(process, shown.first), shown.spent.minor, process->children.minor,
               shown.spent.major, process->children.major);
    proc_print(text, "%lu %lu %lu %lu %d %d %u 0 %lu %lu %lu %lu ",
               shown.spent.user / NS_PER_TICK, shown.spent.kernel / NS_PER_TICK,
               process->children.user / NS_PER_TICK, process->children.kernel / NS_PER_TICK,
               urgent ? -1 - urgent : 20 + process->nice, process->nice,
               process_threads(process), process->started / NS_PER_TICK,
               space ? space->promised : 0, space ? view_resident(space) : 0,
               process->limits[RLIMIT_RSS].soft);
    proc_print(text, "%lu %lu %lu 0 0 %lu %lu %lu %lu %d 0 0 %d %u %d %u 0 0 0 ",
               of->layout.code_start, of->layout.code_end, of->layout.stack_start,
               (thread ? thread->signals_pending : 0) & STAT_SIGNALS,
               (thread ? thread->signals_blocked : 0) & STAT_SIGNALS,
               process_signals(process, true) & STAT_SIGNALS,
               process_signals(process, false) & STAT_SIGNALS,
               shown.alone && shown.state != 'R', shown.first ? process->exit_signal : -1,
               thread && thread->processor ? thread->processor->number : 0, urgent,
               thread ? thread->policy & ~SCHED_RESET_ON_FORK : 0);
    proc_print(text, "%lu %lu %lu %lu %lu %lu %lu %d\n", of->layout.data_start,
               of->layout.data_end, space ? space->heap_start : 0, of->argument_start,
               of->argument_end, of->environment_start, of->environment_end,
               stat_end(process));
}

static int proc_process_stat(struct proc_text *text, struct process *process)
{
    print_stat(text, process, shown_process(process));
    return 0;
}

void proc_thread_stat(struct proc_text *text, struct thread *thread)
{
    print_stat(text, thread->process, shown_thread(thread));
}

/* --- statm ----------------------------------------------------------------------------------- */

/* Bytes that are promised for this or that. */
struct sizes {
    uint64_t code, library, data, stack, wired;
};

static struct sizes space_sizes(const struct process *process)
{
    const struct layout *layout = &process->layout;
    struct sizes sizes = {.code = PAGE_ROUND_UP(layout->code_end) -
                                  PAGE_ROUND_DOWN(layout->code_start)};
    uint64_t executable = 0;

    struct region_view region;
    for (uintptr_t at = 0; view_region_above(process->space, at, &region);
         at = region.end) {
        uint64_t size = region.end - region.start;
        bool writable = region.access & ACCESS_WRITE;
        if (region.of_kernel) /* not the program's */
            continue;
        sizes.wired += region.wired ? size : 0;
        if (region.grows_down)
            sizes.stack += size;
        else if (writable && !region.shared)
            sizes.data += size;
        else if (!writable && (region.access & ACCESS_EXECUTE))
            executable += size;
    }
    if (sizes.code > executable)
        sizes.code = executable;
    sizes.library = executable - sizes.code;
    return sizes;
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
    struct sizes sizes = space_sizes(process);
    proc_print(text, "%lu %lu %lu %lu 0 %lu 0\n", space->promised / PAGE_SIZE,
               view_resident(space), usage.objects, sizes.code / PAGE_SIZE,
               (sizes.data + sizes.stack) / PAGE_SIZE);
    return 0;
}

static int proc_process_group(struct proc_text *text, struct process *process)
{
    const char *name = process->space ? cgroup_name(process->space->group) : NULL;

    proc_print(text, "0::/%s\n", name ? name : "");
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

static void print_size(struct proc_text *text, const char *name, uint64_t bytes)
{
    proc_print(text, "%s:\t%8lu kB\n", name, bytes / 1024);
}

static void print_memory(struct proc_text *text, const struct process *process,
                         const struct proc_usage *usage)
{
    struct space *space = process->space;
    uint64_t resident = view_resident(space);
    struct sizes sizes = space_sizes(process);

    print_size(text, "VmPeak", space_promised_most(space));
    print_size(text, "VmSize", space->promised);
    print_size(text, "VmLck", sizes.wired);
    print_size(text, "VmPin", 0); /* a device's for long */
    print_size(text, "VmHWM", space_resident_most(space) * PAGE_SIZE);
    print_size(text, "VmRSS", resident * PAGE_SIZE);
    print_size(text, "RssAnon", (resident - usage->objects) * PAGE_SIZE);
    print_size(text, "RssFile", usage->files * PAGE_SIZE);
    print_size(text, "RssShmem", (usage->objects - usage->files) * PAGE_SIZE);
    print_size(text, "VmData", sizes.data);
    print_size(text, "VmStk", sizes.stack);
    print_size(text, "VmExe", sizes.code);
    print_size(text, "VmLib", sizes.library);
    print_size(text, "VmPTE", space->table.frames * PAGE_SIZE);
    print_size(text, "VmSwap", usage->swapped * PAGE_SIZE);
    print_size(text, "WorkingSet", usage->working_set * PAGE_SIZE);
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

/* The processors that it may run on, as a mask and as a list of ranges. */
static void print_allowed(struct proc_text *text, const struct thread *thread)
{
    uint32_t online = placement_online(), mask = thread ? thread->allowed & online : online;
    proc_print(text, "Cpus_allowed:\t%x\nCpus_allowed_list:\t", mask);
    for (unsigned first = 0, last; first < PROCESSORS_MOST; first = last + 1) {
        last = first;
        if (!(mask >> first & 1))
            continue;
        while (mask >> (last + 1) & 1)
            last++;
        proc_print(text, mask & ((1u << first) - 1) ? ",%u" : "%u", first);
        if (last > first)
            proc_print(text, "-%u", last);
    }
    proc_print(text, "\n");
}

static void print_faults(struct proc_text *text, const struct process *process)
{
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        print_fault_kind(text, fault_kind_names[i], process->faults[i]);
    proc_print(text, "FaultsMajor:\t%lu\n", process_spent(process).major);
}

/* A line is a field, whatever a process calls itself. */
static void print_name(struct proc_text *text, const char *name)
{
    proc_print(text, "Name:\t");
    for (; *name; name++) {
        const char *shown = *name == '\n' ? "\\n" : *name == '\\' ? "\\\\" : name;
        proc_add(text, shown, shown == name ? 1 : 2);
    }
    proc_print(text, "\n");
}

static void print_signals(struct proc_text *text, const struct process *process,
                          const struct thread *thread)
{
    proc_print(text, "SigQ:\t%lu/%lu\n", signals_queued,
               process->limits[RLIMIT_SIGPENDING].soft);
    proc_print(text, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
               thread ? thread->signals_pending : 0, process->signals_pending,
               thread ? thread->signals_blocked : 0);
    proc_print(text, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", process_signals(process, true),
               process_signals(process, false));
}

static void print_capabilities(struct proc_text *text, const struct process *process)
{
    proc_print(text, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n",
               process->inheritable, CAPABILITIES & ~process->dropped[1],
               CAPABILITIES & ~process->dropped[0]);
    proc_print(text, "CapBnd:\t%016lx\nCapAmb:\t%016lx\nNoNewPrivs:\t%d\n", CAPABILITIES,
               0ul, process->no_new_privileges);
}

static void print_status(struct proc_text *text, const struct process *process,
                         struct shown shown, const struct proc_usage *usage)
{
    print_name(text, shown.name);
    if (process->directories)
        proc_print(text, "Umask:\t%04o\n", process->directories->umask);
    proc_print(text, "State:\t%c (%s)\n", shown.state, state_word(shown.state));
    proc_print(text, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n",
               process->id, shown.id, process_parent(process));
    proc_print(text, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%d\nGroups:\t \n",
               process->files ? files_room(process->files) : 0);
    if (process->space)
        print_memory(text, process, usage);
    proc_print(text, "Threads:\t%u\n", process_threads(process));
    print_signals(text, process, shown.thread);
    print_capabilities(text, process);
    print_allowed(text, shown.thread);
    proc_print(text, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
               shown.spent.waits, shown.spent.losses);
    proc_print(text, "Suspended:\t%d\n", process->suspended);
    print_faults(text, process);
}

int proc_status(struct proc_text *text, struct process *process)
{
    struct proc_usage usage;

    if (!proc_usage(&process, &usage) && !process)
        return -ESRCH;
    print_status(text, process, shown_process(process), &usage);
    return 0;
}

void proc_thread_status(struct proc_text *text, struct thread *thread,
                        const struct proc_usage *usage)
{
    print_status(text, thread->process, shown_thread(thread), usage);
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
    {"comm", S_IFREG | 0644, NULL, &proc_comm_operations},
    {"coredump_filter", TEXT, proc_core_filter, NULL},
    {"cwd", LINK, NULL, &proc_link_operations},
    {"environ", TEXT, proc_environ, &proc_ended_memory_operations},
    {"exe", LINK, NULL, &proc_link_operations},
    {"faults", S_IFREG | 0600, NULL, &proc_faults_operations},
    {"fd", S_IFDIR | 0500, NULL, &proc_fd_directory_operations},
    {"fdinfo", S_IFDIR | 0500, NULL, &proc_fdinfo_operations},
    {"limits", TEXT, proc_limits, NULL},
    {"maps", TEXT, proc_maps, NULL},
    {"mem", S_IFREG | 0600, NULL, &proc_mem_operations},
    {"mountinfo", TEXT, proc_mountinfo, &proc_mounts_operations},
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
