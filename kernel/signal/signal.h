/* kernel/signal/signal.h - signals: how a process is told, or stopped, or ended.
 *
 * A signal is sent (it becomes *pending*, unless it would be ignored), and delivered when
 * its thread is about to run user code and does not block it: to a handler of the program's,
 * or by the default action. The room signal/ has the sending, the frames of handlers, and the
 * timers that end in a signal. */
#ifndef KERNEL_SIGNAL_SIGNAL_H
#define KERNEL_SIGNAL_SIGNAL_H

#include "arch/trap.h"
#include "arch/types.h"
#include "lib/locks.h"

struct process;
struct thread;

#define SIGNALS 64

#define SIGHUP          1
#define SIGINT          2
#define SIGQUIT         3
#define SIGILL          4
#define SIGTRAP         5
#define SIGABRT         6
#define SIGBUS          7
#define SIGFPE          8
#define SIGKILL         9
#define SIGUSR1         10
#define SIGSEGV         11
#define SIGUSR2         12
#define SIGPIPE         13
#define SIGALRM         14
#define SIGTERM         15
#define SIGSTKFLT       16
#define SIGCHLD         17
#define SIGCONT         18
#define SIGSTOP         19
#define SIGTSTP         20
#define SIGTTIN         21
#define SIGTTOU         22
#define SIGURG          23
#define SIGXCPU         24
#define SIGXFSZ         25
#define SIGVTALRM       26
#define SIGPROF         27
#define SIGWINCH        28
#define SIGIO           29
#define SIGPWR          30
#define SIGSYS          31
#define SIGNAL_REALTIME 32 /* from here on, each sending is kept */

#define SIGNAL_BIT(signal) (1ull << ((signal)-1))
/* These two cannot be blocked, ignored or handled. */
#define SIGNALS_UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))

#define SIG_DFL 0ull /* values of signal_action.handler */
#define SIG_IGN 1ull

#define SA_NOCLDSTOP      0x00000001u /* signal_action.flags */
#define SA_NOCLDWAIT      0x00000002u
#define SA_SIGINFO        0x00000004u
#define SA_RESTORER       0x04000000u
#define SA_ONSTACK        0x08000000u
#define SA_RESTART        0x10000000u
#define SA_NODEFER        0x40000000u
#define SA_RESETHAND      0x80000000u
#define SA_EXPOSE_TAGBITS 0x00000800u /* addresses have no tags */
#define SA_ALL                                                                    \
    (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | \
     SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND)

#define SS_ONSTACK    1u /* ss_flags */
#define SS_DISABLE    2u
#define SS_AUTODISARM 0x80000000u /* off while a handler runs */
#define MINSIGSTKSZ   2048u

/* si_code */
#define SI_USER       0
#define SI_KERNEL     0x80
#define SI_TIMER      (-2) /* sender: the timer, user: overruns */
#define SI_TKILL      (-6)
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define BUS_ADRERR    2
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* As the system call rt_sigaction has it. */
struct signal_action {
    uint64_t handler; /* user address; 0 default, 1 ignore */
    uint64_t flags, restorer, mask;
};

/* Which may be shared (CLONE_SIGHAND): an object of its own with a count. */
struct signal_handlers {
    uint32_t references;
    uint64_t told; /* signals with an action that was asked for; the others have none */
    struct signal_action action[SIGNALS];
};

/* What a handler is told in siginfo. */
struct signal_info {
    int signal, error, code;
    bool timed; /* a timer of the kernel's has sent it: the code alone anybody may write */
    uint32_t sender, user; /* pid, uid: of kill and SIGCHLD */
    uint64_t value;        /* fault: address; SIGCHLD: status; sigqueue: value */
};

struct signal_entry {
    struct signal_entry *next;
    struct signal_info info;
};

/* --- Sending. Callable from interrupts. --- */

/* Send to a process; `code` and `sender` for siginfo. */
void signal_send(struct process *process, int signal, int code, int sender);
/* The same with everything siginfo can hold. */
void signal_send_info(struct process *process, const struct signal_info *info);
/* To one thread (tkill). */
void signal_send_thread(struct thread *thread, const struct signal_info *info);
/* A fault of the current thread: cannot be blocked or ignored. */
void signal_fault(int signal, int code, uintptr_t address);
/* The current thread's frame of a handler could not be written, or read back. */
void signal_frame_lost(void);
/* Signals that wait with what siginfo tells of them, and timers, which may need to: of all
 * processes, for all are one user's (RLIMIT_SIGPENDING). */
extern uint64_t signals_queued;
/* May one more wait for the process? */
bool signal_queue_has_room(const struct process *process);
/* To all of a process group. */
void signal_group(int group, int signal);
/* The process that holds too much memory must end, whoever it is. */
void signal_kill(struct process *process);

/* --- Asking --- */

/* One that is not blocked or ignored waits for `thread`. */
bool signal_pending(const struct thread *thread);
/* Those of `set` that end the current process when they come to a thread that does not block
 * them, whatever it waits for: their action is the default, and leaves no core. */
uint64_t signal_deadly(uint64_t set);
/* One of those will end the process. */
bool signal_fatal(const struct thread *thread);
/* Signals that the process ignores, by request or by default. */
bool signal_ignored(const struct process *process, int signal);
/* Nobody will ever see it: it is ignored, and neither blocked for the time being nor waited for
 * meanwhile. A process that is just being made, without a thread, keeps all for its first. */
bool signal_in_vain(const struct process *process, int signal);

/* --- Delivering --- */

/* Take the first of `set` that is pending for the current thread. false: none. */
bool signal_take(uint64_t set, struct signal_info *info);
/* Deliver what is pending to the current thread, about to return to user mode through
 * *frame: set up handlers, stop, or end the process. */
void signal_deliver(struct trap_frame *frame) SLEEPS;
/* Let the current thread's mask be `mask`; SIGKILL and SIGSTOP stay out of it. */
void signal_set_mask(uint64_t mask);
/* Forget pending ones of `set`. */
void signal_discard(struct process *process, uint64_t set);
void signal_discard_thread(struct thread *thread, uint64_t set);
/* Signals of `set` that wait for the process need another thread to take them. */
void signal_retarget(struct process *process, uint64_t set);
/* Nobody outside the group could let a stopped member go on: no member has a parent in the
 * same session but in another group. */
bool process_group_orphaned(int group);

struct signal_handlers *signal_handlers_create(void);
struct signal_handlers *signal_handlers_copy(const struct signal_handlers *handlers);
void signal_handlers_release(struct signal_handlers *handlers);
/* exec: every handler of the old program's becomes the default. */
bool signal_handlers_reset(struct process *process);

/* kernel/signal/signal_frame.c: does the current thread, with `rsp`, stand on its
 * alternate stack? */
bool signal_stack_is_on(uint64_t rsp);
/* It gets one, or none (SS_DISABLE). 0, -EPERM, -EINVAL, -ENOMEM, as sigaltstack(2). */
int signal_stack_set(uint64_t rsp, uint64_t start, uint32_t flags, uint64_t size);
/* Push what Linux calls rt_sigframe and point *frame at the handler.
 * false: the stack cannot take it. */
bool signal_frame_push(struct trap_frame *frame, const struct signal_action *action,
                       const struct signal_info *info, uint64_t mask) SLEEPS;
/* rt_sigreturn: load *frame, the mask and the FPU from the frame on the user's stack, as
 * far as user code may set them. false: the frame is not one. */
bool signal_frame_pop(struct trap_frame *frame) SLEEPS;
/* Linux's siginfo, 128 bytes, from ours. */
void signal_info_encode(const struct signal_info *info, uint8_t encoded[128]);

#endif
