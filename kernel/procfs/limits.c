/* kernel/procfs/limits.c - /proc/PID/limits: kernel/process/limit.h as a table. */
#include "kernel/process/limit.h"

#include "kernel/procfs/proc.h"
#include "lib/print.h"

static const struct {
    const char *name, *unit;
} words[LIMITS] = {
    [LIMIT_CPU] = {"Max cpu time", "seconds"},
    [LIMIT_FILE_SIZE] = {"Max file size", "bytes"},
    [LIMIT_DATA] = {"Max data size", "bytes"},
    [LIMIT_STACK] = {"Max stack size", "bytes"},
    [LIMIT_CORE] = {"Max core file size", "bytes"},
    [LIMIT_RESIDENT] = {"Max resident set", "bytes"},
    [LIMIT_PROCESSES] = {"Max processes", "processes"},
    [LIMIT_FILES] = {"Max open files", "files"},
    [LIMIT_WIRED] = {"Max locked memory", "bytes"},
    [LIMIT_SPACE] = {"Max address space", "bytes"},
    [LIMIT_LOCKS] = {"Max file locks", "locks"},
    [LIMIT_SIGNALS] = {"Max pending signals", "signals"},
    [LIMIT_QUEUES] = {"Max msgqueue size", "bytes"},
    [LIMIT_NICE] = {"Max nice priority", ""},
    [LIMIT_PRIORITY] = {"Max realtime priority", ""},
    [LIMIT_PRIORITY_TIME] = {"Max realtime timeout", "us"},
};

static void print_value(struct proc_text *text, uint64_t value)
{
    char number[24] = "unlimited";

    if (value != LIMIT_UNLIMITED)
        format(number, sizeof(number), "%lu", value);
    proc_print(text, "%-20s ", number);
}

int proc_limits(struct proc_text *text, struct process *process)
{
    proc_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit",
               "Units");
    for (unsigned i = 0; i < LIMITS; i++) {
        proc_print(text, "%-25s ", words[i].name);
        print_value(text, process->limits[i].soft);
        print_value(text, process->limits[i].hard);
        proc_print(text, "%-10s\n", words[i].unit);
    }
    return 0;
}
