/* kernel/process/limit.h - what a process may take at most: setrlimit's limits.
 *
 * Each limit is a soft one, which is kept, and a hard one, up to which the process may raise
 * it (all are root here: the hard one can be raised, too). A child has its parent's. Where
 * each is kept:
 *
 *     CPU        kernel/process/limit.c              SIGXCPU each second above it, then SIGKILL
 *     FSIZE      kernel/file/regular.c               a write beyond it: SIGXFSZ, EFBIG
 *     DATA       mm/address_spaces/promise.h         heap, private writable memory: ENOMEM
 *     STACK      mm/address_spaces/region_layout.c   it grows no further: SIGSEGV
 *     CORE       kernel/process/core.c               a core is cut there; below a page: none
 *     NPROC      kernel/process/fork.c               threads of all processes: EAGAIN
 *     NOFILE     kernel/linux/descriptors.c          numbers of open files: EMFILE
 *     AS         mm/address_spaces/promise.h         all that is promised: ENOMEM
 *     SIGPENDING kernel/signal/signal.c              signals that wait with what they tell: EAGAIN
 *
 * The others are kept and told, and change nothing here: mlock asks nobody who is root, and
 * what Linux does not keep either. */
#ifndef KERNEL_PROCESS_LIMIT_H
#define KERNEL_PROCESS_LIMIT_H

#include "arch/types.h"

struct process;

/* As Linux numbers them. */
enum limit {
    RLIMIT_CPU,
    RLIMIT_FSIZE,
    RLIMIT_DATA,
    RLIMIT_STACK,
    RLIMIT_CORE,
    RLIMIT_RSS,
    RLIMIT_NPROC,
    RLIMIT_NOFILE,
    RLIMIT_MEMLOCK,
    RLIMIT_AS,
    RLIMIT_LOCKS,
    RLIMIT_SIGPENDING,
    RLIMIT_MSGQUEUE,
    RLIMIT_NICE,
    RLIMIT_RTPRIO,
    RLIMIT_RTTIME,
    RLIM_NLIMITS,
};
#define RLIM_INFINITY UINT64_MAX

struct limit_pair {
    uint64_t soft, hard;
};

/* Process 1's. */
void limits_default(struct process *process);
/* The child has its parent's, and no running time yet. */
void limits_inherit(struct process *child, const struct process *parent);
/* Bytes that a stack may have by the process's RLIMIT_STACK. */
uint64_t limit_stack(const struct process *process);
/* The space is the process's, and keeps its limits on memory. If it has others, too (CLONE_VM), it
 * keeps those of whoever runs: they are bound again when that changes. */
struct space;
void limits_bind(const struct process *process, struct space *space);
/* 0, -EINVAL (soft above hard), -EPERM (above what the system can keep). */
int limit_set(struct process *process, enum limit limit, struct limit_pair pair);

/* The current process writes *length bytes at `at` of a regular file: *length is cut to what
 * RLIMIT_FSIZE allows. -EFBIG, and SIGXFSZ is sent: not one byte. */
int limit_file_write(uint64_t at, size_t *length);

struct thread;
/* ns of the thread's running until RLIMIT_CPU or RLIMIT_RTTIME is to be looked at; UINT64_MAX:
 * never. */
uint64_t limit_running_left(const struct thread *thread);
/* Of the current process and thread: is one over? Then its signal is sent. */
void limit_running_check(void);

#endif
