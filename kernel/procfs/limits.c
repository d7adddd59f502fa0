/* kernel/procfs/limits.c - /proc/PID/limits: kernel/process/limit.h as a table. */
#include "kernel/process/limit.h"

#include "kernel/procfs/proc.h"
#include "lib/print.h"

static const struct {
    const char *name, *unit;
} words[RLIM_NLIMITS] = {
    [RLIMIT_CPU] = {"Max cpu time", "seconds"},
    [RLIMIT_FSIZE] = {"Max file size", "bytes"},
    [RLIMIT_DATA] = {"Max data size", "bytes"},
    [RLIMIT_STACK] = {"Max stack size", "bytes"},
    [RLIMIT_CORE] = {"Max core file size", "bytes"},
    [RLIMIT_RSS] = {"Max resident set", "bytes"},
    [RLIMIT_NPROC] = {"Max processes", "processes"},
    [RLIMIT_NOFILE] = {"Max open files", "files"},
    [RLIMIT_MEMLOCK] = {"Max locked memory", "bytes"},
    [RLIMIT_AS] = {"Max address space", "bytes"},
    [RLIMIT_LOCKS] = {"Max file locks", "locks"},
    [RLIMIT_SIGPENDING] = {"Max pending signals", "signals"},
    [RLIMIT_MSGQUEUE] = {"Max msgqueue size", "bytes"},
    [RLIMIT_NICE] = {"Max nice priority", ""},
    [RLIMIT_RTPRIO] = {"Max realtime priority", ""},
    [RLIMIT_RTTIME] = {"Max realtime timeout", "us"},
};

static void print_value(struct proc_text *text, uint64_t value)
{
    char number[24] = "unlimited";

    if (value != RLIM_INFINITY)
        format(number, sizeof(number), "%lu", value);
    proc_print(text, "%-20s ", number);
}

int proc_limits(struct proc_text *text, struct process *process)
{
    proc_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
               "Units");
    for (unsigned i = 0; i < RLIM_NLIMITS; i++) {
        proc_print(text, "%-25s ", words[i].name);
        print_value(text, process->limits[i].soft);
        print_value(text, process->limits[i].hard);
        proc_print(text, "%-*s\n", *words[i].unit ? 10 : 0, words[i].unit);
    }
    return 0;
}

/* What kernel/process/core.c writes down: private memory, and shared memory without a name. */
int proc_core_filter(struct proc_text *text,
                     struct process *process __attribute__((unused)))
{
    proc_print(text, "00000003\n");
    return 0;
}
