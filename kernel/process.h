/* kernel/process.h - processes: a space, open files, signal handlers, parents and children. */
#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

#include "kernel/thread.h"
#include "mm/mm.h"

struct files;
struct inode;
struct watch;
struct tty;

#define SIGNALS 64

struct signal_action {
    uint64_t handler; /* user address; 0 default, 1 ignore */
    uint64_t flags, restorer, mask;
};

/* Which process's signal handlers, open files and space may be shared (CLONE_…): each is
 * an object of its own with a count. */
struct signal_handlers {
    uint32_t references;
    struct signal_action action[SIGNALS];
};

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE };

struct process {
    int id, group, session; /* pid, process group, session */
    enum process_state state;
    char name[16]; /* as in /proc/PID/comm */
    struct process *parent, *first_child, *sibling;
    struct process *next; /* all processes, by pid */
    struct thread *threads;
    struct space *space; /* NULL: zombie */
    struct files *files;
    struct inode *root, *directory, *executable; /* references are held */
    struct signal_handlers *handlers;
    uint64_t signals_pending; /* sent to the process rather than to a thread */
    struct siginfo_queue *signal_info;
    struct tty *terminal; /* controlling terminal, or NULL */
    uint32_t umask;
    int nice;
    int wait_status;          /* ZOMBIE, or stopped: as wait4 gives it */
    bool stopped, stop_told, continued; /* job control, for wait4 */
    int exit_signal;          /* to the parent at the end: SIGCHLD */
    const void *vfork_parent; /* channel that the parent sleeps on, until exec or exit */
    bool execed;              /* has done execve since fork (setpgid refuses) */
    uint64_t started;         /* ns */
    uint64_t argument_start, argument_end, environment_start, environment_end;
    uint64_t minor_faults, major_faults, faults[FAULT_KINDS];
    uint64_t children_minor, children_major;
    uint64_t user_time, kernel_time, children_user, children_kernel; /* ended threads' */
    uint64_t limits[16][2]; /* rlimits: soft, hard */
    struct watch *watch;      /* a program `faults` looks on, or NULL */
};

extern struct process *process_first; /* all processes, by pid */

static inline struct process *process_current(void)
{
    return current->process;
}

struct process *process_find(int pid);
/* Start /init as process 1 and return; the idle loop then runs it. Panics, saying why,
 * when it cannot be started. */
void process_start_init(void);
/* End the current process: status as wait4 gives it. */
_Noreturn void process_exit(int wait_status);

/* Send a signal; `code`, `address` for siginfo. */
void signal_send(struct process *process, int signal, int code, int sender);
/* A fault of the current thread: cannot be blocked or ignored. */
void signal_fault(int signal, int code, uintptr_t address);
bool signal_pending(const struct thread *thread); /* one that is not blocked or ignored */
void signal_group(int group, int signal);         /* to all of a process group */

#endif
