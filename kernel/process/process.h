/* kernel/process/process.h - processes: a space, open files, signal handlers, parents and children.
 *
 * The room process/ is the life of a process: it is forked, executes a program, waits for its
 * children, ends; its threads take turns on the processor, sleep, wake each other and hold mutexes;
 * its limits say how much it may have. What its memory is, is memory management's affair (mm/). */
#ifndef KERNEL_PROCESS_PROCESS_H
#define KERNEL_PROCESS_PROCESS_H

#include "kernel/process/directories.h"
#include "kernel/process/layout.h"
#include "kernel/process/limit.h"
#include "kernel/process/thread.h"
#include "kernel/signal/itimer.h"
#include "kernel/signal/signal.h"
#include "mm/mm.h"

struct files;
struct inode;
struct watch;
struct tty;

/* All that root has; the last is CAP_CHECKPOINT_RESTORE. */
#define CAPABILITIES ((2ul << 40) - 1)

enum process_state { PROCESS_ALIVE, PROCESS_ZOMBIE };

/* By a thread, a process, or some that have ended. */
struct spent {
    uint64_t user, kernel;  /* ns of running */
    uint64_t minor, major;  /* faults */
    uint64_t waits, losses; /* of the processor: it slept, or somebody else's turn came */
    uint64_t resident;      /* pages, the most there were */
};

struct process {
    int id, group, session; /* pid, process group, session */
    enum process_state state;
    char name[THREAD_NAME_SIZE]; /* as in /proc/PID/comm: its first thread's */
    struct process *parent, *first_child, *last_child;
    struct process *sibling, *sibling_previous;
    struct process *first_news,
        *last_news; /* those of its children that have news (wait.c) */
    struct process *news_next, *news_previous; /* of its parent's others */
    bool has_news;
    uint64_t child_number; /* the elder has the lower one, among its parent's children */
    struct process *of_number;       /* the next in a bucket (ids.c) */
    struct process *next, *previous; /* all processes, by pid */
    struct thread *threads,
        *last_thread; /* not ended yet, the eldest first; NULL: as space */
    unsigned thread_count;
    struct thread *survivor;         /* it does exec: all others are to end; or NULL */
    struct thread *dumper;           /* it writes the core, and the others wait; or NULL */
    bool ending;                     /* all threads are to end: */
    int exit_status;                 /* as wait4 will give it */
    struct space *space;             /* NULL: zombie, or just being made */
    bool adjusted;                   /* process_set_oom_adjust, of a vfork child: */
    int16_t oom_adjust;              /* to this */
    struct files *files;             /* of all its threads but those that have their own */
    bool files_shared;               /* with other processes, by CLONE_FILES */
    struct directories *directories; /* its own or others' (CLONE_FS); NULL: ended */
    struct directories own_directories;
    struct inode *executable; /* a reference is held */
    struct signal_handlers *handlers;
    uint64_t signals_pending; /* sent to the process rather than to a thread */
    struct signal_entry *signal_info;
    struct tty *terminal; /* controlling terminal, or NULL */
    int nice;
    int wait_status;                    /* ZOMBIE, or stopped: as wait4 gives it */
    bool stopped, stop_told, continued; /* job control, for wait4 */
    bool essential;                     /* init: default actions do not apply */
    int exit_signal;                    /* to the parent at the end: SIGCHLD */
    int creator;                        /* the thread of the parent's that made it */
    bool *vfork_done; /* set, and woken on, at exec or exit: the parent waits for it */
    bool execed;      /* has done execve since fork (setpgid refuses) */
    uint64_t started; /* ns */
    uint64_t argument_start, argument_end, environment_start, environment_end;
    uint64_t auxiliary_start, auxiliary_end;
    struct layout layout;
    uint64_t dropped[2], inheritable; /* CAPABILITIES: effective, permitted ones given up */
    uint64_t faults[FAULT_KINDS];
    struct spent ended;     /* by threads of it, and in spaces, that have ended */
    struct spent children;  /* by those that it has waited for */
    struct itimer *itimers; /* timer_create's, by id */
    unsigned cpu_timers;    /* those that count running time, RLIMIT_CPU among them */
    uint32_t personality;   /* PERSONALITY_… */
    bool no_new_privileges; /* exec gives no capability back */
    bool undumpable;        /* no core is asked of it; until exec */
    bool adopts;            /* the orphans among its descendants, as init would */
    bool wants_barriers;    /* has registered for membarrier */
    int death_signal;       /* to it when its parent ends; 0: none */
    struct limit_pair limits[RLIM_NLIMITS];
    uint64_t sampled_at; /* ns of its own running: when its working set was last sampled */
    uint64_t sampling_time; /* ns that this took */
    bool sample_due;        /* the next of its threads to run user code is to see to it */
    bool sampling;          /* one is at it */
    bool ran; /* since the clock looked last: it is in this list (sampling.c) */
    struct process *ran_next, *ran_previous;
    bool suspended;      /* by load control (kernel/thrashing/suspend.h) */
    bool returning;      /* still suspended, but its working set is coming back */
    uint64_t load_since; /* ns: when it was suspended, or resumed, last; 0: never */
    uint64_t load_time; /* ns: as kernel/thrashing/thrashing.c saw it: its running time… */
    uint64_t load_tried; /* …when it last ran, or tried to… */
    uint32_t load_set;   /* …and its working set */
    struct watch *watch; /* of a program that looks on, such as `faults`; or NULL */
};

extern struct process *process_first; /* all processes, by pid */
extern struct process *process_init;  /* process 1 */
extern unsigned process_count;        /* in the list, zombies too */
extern unsigned process_tasks;        /* threads, and processes that have none left */
extern unsigned process_forks;        /* since the start */
extern int process_last_id;

static inline struct process *process_current(void)
{
    return current->process;
}

/* As in /proc/PID/task/TID/comm; THREAD_NAME_SIZE bytes, with a NUL. */
static inline char *thread_name(struct thread *thread)
{
    bool first = thread->id == thread->process->id;
    return first ? thread->process->name : thread->name;
}

/* --- Who has a number (ids.c) --------------------------------------------------------- */

struct process *process_find(int pid);
/* The session of a group of processes; -ESRCH: there is no such group. */
int process_group_session(int group);
/* The thread with that number, of any process; NULL. */
struct thread *thread_find(int id);
/* The same, of one process. */
struct thread *process_thread(const struct process *process, int id);
/* The process that a number means: its own, or that of any thread of it; NULL. */
struct process *process_of(int id);
/* It is found by its number from now on, and no more. */
void ids_add(struct process *process);
void ids_remove(struct process *process);
void ids_add_thread(struct thread *thread);
void ids_remove_thread(struct thread *thread);

/* As ps and /proc/PID/stat show it: R S D T Z. */
char process_state_letter(const struct process *process);
char thread_state_letter(const struct thread *thread);
/* What it has spent, or all its threads have, ended ones too; by the current one up to the last
 * entry. */
struct spent thread_spent(const struct thread *thread);
struct spent process_spent(const struct process *process);
void spent_add(struct spent *sum, const struct spent *more);
/* ns that its threads have run. */
uint64_t process_running_time(const struct process *process);
/* Start /init as process 1 and return; the idle loop then runs it. Panics, saying why,
 * when it cannot be started. */
void process_start_init(void);

/* --- Birth and death --------------------------------------------------------------- */

/* A new process in the tree under `parent` (NULL: init), with this id but without a space,
 * files or thread. NULL: out of memory. */
struct process *process_create(struct process *parent, int id);
/* Take it out of the tree and free it: a zombie that has been waited for, or a process that
 * could not be completed. */
void process_destroy(struct process *process);
/* A number for a thread, or a process and its first thread; 0: none is free. */
int process_take_id(void);
void process_add_thread(struct process *process, struct thread *thread);
/* It has ended, or has never been ready. */
void process_remove_thread(struct process *process, struct thread *thread);
/* Its oom_score_adj, which its space keeps. But what a vfork child sets is for the program that it
 * will be: its space is still its parent's. One that has ended has none. */
int16_t process_oom_adjust(const struct process *process);
void process_set_oom_adjust(struct process *process, int16_t adjust);
/* It is about to leave its space: the most that was resident there stays known. */
static inline void process_keep_peak(struct process *process) EXCLUDES(mm)
{
    uint64_t resident = space_resident_most(process->space);
    if (resident > process->ended.resident)
        process->ended.resident = resident;
}

/* What clone let others share is the current thread's alone from now on, or if there is no
 * other its process's: the open files. False: out of memory. */
bool thread_own_files(void);
/* `child` becomes a child of `parent`. */
void process_adopt(struct process *parent, struct process *child);

#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_VFORK          0x00004000u
#define CLONE_PARENT         0x00008000u
#define CLONE_THREAD         0x00010000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED       0x00400000u
#define CLONE_UNTRACED       0x00800000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_IO             0x80000000u
#define CLONE_CLEAR_SIGHAND  0x100000000ull

struct clone_request {
    uint64_t flags;
    int exit_signal; /* to the parent at the child's end; 0: none */
    uint64_t stack;  /* user address; 0: the parent's */
    uint64_t parent_tid, child_tid, tls;
};
/* fork, vfork and clone: the child's pid or the new thread's id, or -errno. May sleep. */
MUST_USE long process_clone(const struct clone_request *request) SLEEPS;

/* End the current process, all its threads: status as wait4 gives it. */
_Noreturn void process_exit(int wait_status) SLEEPS;
/* The same for one that is alone in its process, when it is about to run user code again; unless a
 * signal is to end it then, for which no copy is finished: that one does. */
void process_end(int wait_status);
/* It is to end by this signal; but until the other call its threads stay as they are. */
void process_dump_begin(int signal);
void process_dump_end(void);
/* End the current thread; with the last one, the process, whose status this then is. */
_Noreturn void process_exit_thread(int wait_status) SLEEPS;
/* Before exec: end all threads but the current one, which becomes the first. Sleeps.
 * -EINTR: the current one is to end itself. */
int process_end_others(void) SLEEPS;
/* It is to end before it runs user code again: its process does, or another thread execs. */
static inline bool thread_must_end(const struct thread *thread)
{
    const struct process *process = thread->process;
    return process->ending || (process->survivor && process->survivor != thread);
}

/* A child of the current process that waits for its parent to notice: see kernel/process/wait.c. */
struct wait_request {
    int pid;          /* > 0: that one; -1: any; 0: my group; < -1: group -pid */
    unsigned options; /* WNOHANG, WEXITED…, __WALL… */
};
#define WNOHANG    1u
#define WSTOPPED   2u
#define WEXITED    4u
#define WCONTINUED 8u
#define WNOWAIT    0x01000000u
/* Clones, whose end is told by another signal than SIGCHLD, are waited for only where they alone
 * (__WCLONE) or all (__WALL) are asked for; __WNOTHREAD: of this thread's own children. */
#define __WNOTHREAD 0x20000000u
#define __WALL      0x40000000u
#define __WCLONE    0x80000000u
struct wait_result {
    int pid, status;
    struct spent spent; /* by it and its own children */
};
/* What a status says of an end by a signal, or of a process that goes on. */
#define WAIT_SIGNAL    0x7f
#define WAIT_DUMPED    0x80
#define WAIT_CONTINUED 0xffff
/* What SIGCHLD's siginfo says of it: CLD_…, and the exit code or signal. */
int wait_code(int status);
int wait_value(int status);
/* The child's pid, 0 (WNOHANG and nothing yet), -ECHILD, -EINTR. */
long process_wait(const struct wait_request *request, struct wait_result *result) SLEEPS;
/* `child` stopped, went on, or ended, as `status` has it: tell its parent, with a signal and a
 * wake-up. */
void process_tell_parent(struct process *child, int status);
/* `child` has another parent now, or none: so has its news. */
void wait_move(struct process *child, struct process *parent);
/* The parent of a vfork child may go on. */
void process_release_parent(struct process *process);

#endif
