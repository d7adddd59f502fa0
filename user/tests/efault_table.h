/* efault_table.h - every system call that takes a pointer, one line for each of its pointers.
 *
 * Addresses in a line are in the arena that efault.c lays out anew before each call, so that
 * the pointer under test is the only thing wrong with it. */
#ifndef USER_TESTS_EFAULT_TABLE_H
#define USER_TESTS_EFAULT_TABLE_H

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

/* The arena. */
#define GOOD      0x10000000l     /* strings, each in a hundred bytes of its own */
#define PATH      (GOOD + 0x000)  /* "efault", a file */
#define PROGRAM   (GOOD + 0x100)  /* "efault-program", executable but no program */
#define LINK      (GOOD + 0x200)  /* "efault-link", a symbolic link */
#define NEW       (GOOD + 0x300)  /* "efault-new", nothing */
#define ZEROES    (GOOD + 0x1000) /* a page of zeroes, to read and write */
#define POINTERS  (GOOD + 0x2000) /* where pointer-in-memory lines have theirs */
#define NOTHING   0x20000000l     /* not mapped */
#define READ_ONLY 0x30000000l     /* a page of zeroes, to read */
#define NO_ACCESS 0x31000000l     /* a page with no rights at all */
#define EDGE      0x40001000l     /* the first byte behind a page; nothing behind it */

/* Descriptors. */
enum { FILE_FD = 100, PIPE_IN, PIPE_OUT, DIRECTORY, ZERO_FD, PROC_FD, RANDOM_FD };

enum use {
    IN,     /* the kernel reads there */
    OUT,    /* the kernel writes there */
    STRING, /* the kernel reads there until a NUL */
};

enum {                /* flags */
       NULL_FINE = 1, /* null means "none" */
       PARTIAL = 2,   /* what could be transferred may be counted instead */
       ALIGNED = 4,   /* must be aligned: no crossing of the edge */
       INSIDE = 8,    /* the pointer is not an argument: it lies in memory, at POINTERS */
       CHILD = 16,    /* needs a child that has ended */
};

struct row {
    const char *name;
    long number;
    int argument; /* which is the pointer under test; with INSIDE, which points to it */
    enum use use;
    int size; /* bytes the kernel must touch there */
    int flags;
    long arguments[6];
};

static const struct row rows[] = {
    /* reading and writing */
    {"read file", SYS_read, 1, OUT, 512, PARTIAL, {FILE_FD, 0, 512}},
    {"read pipe", SYS_read, 1, OUT, 512, PARTIAL, {PIPE_IN, 0, 512}},
    {"read zero", SYS_read, 1, OUT, 512, PARTIAL, {ZERO_FD, 0, 512}},
    {"read random", SYS_read, 1, OUT, 512, PARTIAL, {RANDOM_FD, 0, 512}},
    {"read proc", SYS_read, 1, OUT, 64, PARTIAL, {PROC_FD, 0, 64}},
    {"write file", SYS_write, 1, IN, 512, PARTIAL, {FILE_FD, 0, 512}},
    {"write pipe", SYS_write, 1, IN, 512, PARTIAL, {PIPE_OUT, 0, 512}},
    {"pread64", SYS_pread64, 1, OUT, 512, PARTIAL, {FILE_FD, 0, 512, 100}},
    {"pwrite64", SYS_pwrite64, 1, IN, 512, PARTIAL, {FILE_FD, 0, 512, 100}},
    {"readv", SYS_readv, 1, IN, 16, 0, {FILE_FD, 0, 1}},
    {"readv base", SYS_readv, 1, OUT, 512, PARTIAL | INSIDE, {FILE_FD, POINTERS, 1}},
    {"writev", SYS_writev, 1, IN, 16, 0, {FILE_FD, 0, 1}},
    {"writev base", SYS_writev, 1, IN, 512, PARTIAL | INSIDE, {PIPE_OUT, POINTERS, 1}},
    {"preadv", SYS_preadv, 1, IN, 16, 0, {FILE_FD, 0, 1, 0}},
    {"preadv base", SYS_preadv, 1, OUT, 512, PARTIAL | INSIDE, {FILE_FD, POINTERS, 1, 0}},
    {"pwritev", SYS_pwritev, 1, IN, 16, 0, {FILE_FD, 0, 1, 0}},
    {"pwritev base", SYS_pwritev, 1, IN, 512, PARTIAL | INSIDE, {FILE_FD, POINTERS, 1, 0}},
    {"sendfile", SYS_sendfile, 2, IN, 8, NULL_FINE, {PIPE_OUT, FILE_FD, 0, 10}},
    {"getdents64", SYS_getdents64, 1, OUT, 4096, PARTIAL, {DIRECTORY, 0, 4096}},
    {"getrandom", SYS_getrandom, 0, OUT, 512, PARTIAL, {0, 512, 0}},
    {"pipe", SYS_pipe, 0, OUT, 8, 0, {0}},
    {"pipe2", SYS_pipe2, 0, OUT, 8, 0, {0, 0}},
    {"socketpair", SYS_socketpair, 3, OUT, 8, 0, {1, 1, 0, 0}},
    {"ioctl FIONREAD", SYS_ioctl, 2, OUT, 4, 0, {PIPE_IN, 0x541b, 0}},
    {"poll", SYS_poll, 0, OUT, 8, 0, {0, 1, 0}},
    {"ppoll", SYS_ppoll, 0, OUT, 8, 0, {0, 1, ZEROES, 0, 8}},
    {"ppoll timeout", SYS_ppoll, 2, IN, 16, NULL_FINE, {ZEROES, 1, 0, 0, 8}},
    {"ppoll mask", SYS_ppoll, 3, IN, 8, NULL_FINE, {ZEROES, 1, ZEROES, 0, 8}},
    {"select read", SYS_select, 1, OUT, 8, NULL_FINE, {64, 0, 0, 0, ZEROES}},
    {"select write", SYS_select, 2, OUT, 8, NULL_FINE, {64, 0, 0, 0, ZEROES}},
    {"select timeout", SYS_select, 4, IN, 16, NULL_FINE, {1, ZEROES, 0, 0, 0}},
    {"pselect6", SYS_pselect6, 1, OUT, 8, NULL_FINE, {64, 0, 0, 0, ZEROES, 0}},

    /* names */
    {"open", SYS_open, 0, STRING, 8, 0, {0, O_RDONLY}},
    {"openat", SYS_openat, 1, STRING, 8, 0, {AT_FDCWD, 0, O_RDONLY}},
    {"creat", SYS_creat, 0, STRING, 8, 0, {0, 0600}},
    {"stat path", SYS_stat, 0, STRING, 8, 0, {0, ZEROES}},
    {"stat", SYS_stat, 1, OUT, 144, 0, {PATH, 0}},
    {"lstat path", SYS_lstat, 0, STRING, 8, 0, {0, ZEROES}},
    {"lstat", SYS_lstat, 1, OUT, 144, 0, {PATH, 0}},
    {"fstat", SYS_fstat, 1, OUT, 144, 0, {FILE_FD, 0}},
    {"newfstatat path", SYS_newfstatat, 1, STRING, 8, 0, {AT_FDCWD, 0, ZEROES, 0}},
    {"newfstatat", SYS_newfstatat, 2, OUT, 144, 0, {AT_FDCWD, PATH, 0, 0}},
    {"statx path", SYS_statx, 1, STRING, 8, 0, {AT_FDCWD, 0, 0, 0x7ff, ZEROES}},
    {"statx", SYS_statx, 4, OUT, 256, 0, {AT_FDCWD, PATH, 0, 0x7ff, 0}},
    {"statfs path", SYS_statfs, 0, STRING, 8, 0, {0, ZEROES}},
    {"statfs", SYS_statfs, 1, OUT, 120, 0, {PATH, 0}},
    {"fstatfs", SYS_fstatfs, 1, OUT, 120, 0, {FILE_FD, 0}},
    {"access", SYS_access, 0, STRING, 8, 0, {0, 0}},
    {"faccessat", SYS_faccessat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0}},
    {"readlink path", SYS_readlink, 0, STRING, 8, 0, {0, ZEROES, 100}},
    {"readlink", SYS_readlink, 1, OUT, 6, 0, {LINK, 0, 100}},
    {"readlinkat path", SYS_readlinkat, 1, STRING, 8, 0, {AT_FDCWD, 0, ZEROES, 100}},
    {"readlinkat", SYS_readlinkat, 2, OUT, 6, 0, {AT_FDCWD, LINK, 0, 100}},
    {"truncate", SYS_truncate, 0, STRING, 8, 0, {0, 0}},
    {"unlink", SYS_unlink, 0, STRING, 8, 0, {0}},
    {"unlinkat", SYS_unlinkat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0}},
    {"mkdir", SYS_mkdir, 0, STRING, 8, 0, {0, 0700}},
    {"mkdirat", SYS_mkdirat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0700}},
    {"rmdir", SYS_rmdir, 0, STRING, 8, 0, {0}},
    {"rename from", SYS_rename, 0, STRING, 8, 0, {0, NEW}},
    {"rename to", SYS_rename, 1, STRING, 8, 0, {PATH, 0}},
    {"renameat to", SYS_renameat, 3, STRING, 8, 0, {AT_FDCWD, PATH, AT_FDCWD, 0}},
    {"renameat2 from", SYS_renameat2, 1, STRING, 8, 0, {AT_FDCWD, 0, AT_FDCWD, NEW, 0}},
    {"linkat from", SYS_linkat, 1, STRING, 8, 0, {AT_FDCWD, 0, AT_FDCWD, NEW, 0}},
    {"linkat to", SYS_linkat, 3, STRING, 8, 0, {AT_FDCWD, PATH, AT_FDCWD, 0, 0}},
    {"symlinkat text", SYS_symlinkat, 0, STRING, 8, 0, {0, AT_FDCWD, NEW}},
    {"symlinkat name", SYS_symlinkat, 2, STRING, 8, 0, {PATH, AT_FDCWD, 0}},
    {"mknod", SYS_mknod, 0, STRING, 8, 0, {0, 0100600, 0}},
    {"mknodat", SYS_mknodat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0100600, 0}},
    {"link from", SYS_link, 0, STRING, 8, 0, {0, NEW}},
    {"link to", SYS_link, 1, STRING, 8, 0, {PATH, 0}},
    {"symlink text", SYS_symlink, 0, STRING, 8, 0, {0, NEW}},
    {"symlink name", SYS_symlink, 1, STRING, 8, 0, {PATH, 0}},
    {"chmod", SYS_chmod, 0, STRING, 8, 0, {0, 0644}},
    {"chown", SYS_chown, 0, STRING, 8, 0, {0, 0, 0}},
    {"lchown", SYS_lchown, 0, STRING, 8, 0, {0, 0, 0}},
    {"fchownat", SYS_fchownat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0, 0, 0}},
    {"fchmodat", SYS_fchmodat, 1, STRING, 8, 0, {AT_FDCWD, 0, 0644}},
    {"faccessat2", SYS_faccessat2, 1, STRING, 8, 0, {AT_FDCWD, 0, 0, 0}},
    {"utime path", SYS_utime, 0, STRING, 8, 0, {0, ZEROES}},
    {"utime", SYS_utime, 1, IN, 16, NULL_FINE, {PATH, 0}},
    {"utimes path", SYS_utimes, 0, STRING, 8, 0, {0, ZEROES}},
    {"utimes", SYS_utimes, 1, IN, 32, NULL_FINE, {PATH, 0}},
    {"chroot", SYS_chroot, 0, STRING, 8, 0, {0}},
    {"chdir", SYS_chdir, 0, STRING, 8, 0, {0}},
    {"getcwd", SYS_getcwd, 0, OUT, 5, 0, {0, 4096}},
    {"utimensat path", SYS_utimensat, 1, STRING, 8, NULL_FINE, {AT_FDCWD, 0, 0, 0}},
    {"utimensat", SYS_utimensat, 2, IN, 32, NULL_FINE, {AT_FDCWD, PATH, 0, 0}},
    {"memfd_create", SYS_memfd_create, 0, STRING, 8, 0, {0, 0}},

    /* processes */
    {"execve path", SYS_execve, 0, STRING, 8, 0, {0, ZEROES, ZEROES}},
    {"execve argv", SYS_execve, 1, IN, 8, NULL_FINE, {PROGRAM, 0, ZEROES}},
    {"execve argv[0]",
     SYS_execve,
     1,
     STRING,
     8,
     NULL_FINE | INSIDE,
     {PROGRAM, POINTERS, ZEROES}},
    {"execve envp", SYS_execve, 2, IN, 8, NULL_FINE, {PROGRAM, ZEROES, 0}},
    {"execve envp[0]",
     SYS_execve,
     2,
     STRING,
     8,
     NULL_FINE | INSIDE,
     {PROGRAM, ZEROES, POINTERS}},
    {"wait4 status", SYS_wait4, 1, OUT, 4, NULL_FINE | CHILD, {-1, 0, 0, 0}},
    {"wait4 usage", SYS_wait4, 3, OUT, 144, NULL_FINE | CHILD, {-1, 0, 0, 0}},
    {"waitid", SYS_waitid, 2, OUT, 32, NULL_FINE | CHILD, {0, 0, 0, 4, 0}},
    {"clone3", SYS_clone3, 0, IN, 64, 0, {0, 64}},
    {"futex", SYS_futex, 0, IN, 4, ALIGNED, {0, 0, 1, ZEROES}},
    {"arch_prctl", SYS_arch_prctl, 1, OUT, 8, 0, {0x1003, 0}},
    {"prctl set name", SYS_prctl, 1, STRING, 8, 0, {15, 0}},
    {"prctl get name", SYS_prctl, 1, OUT, 16, 0, {16, 0}},
    {"getrusage", SYS_getrusage, 1, OUT, 144, 0, {0, 0}},
    {"getrlimit", SYS_getrlimit, 1, OUT, 16, 0, {7, 0}},
    {"setrlimit", SYS_setrlimit, 1, IN, 16, 0, {7, 0}},
    {"prlimit64 new", SYS_prlimit64, 2, IN, 16, NULL_FINE, {0, 7, 0, 0}},
    {"prlimit64 old", SYS_prlimit64, 3, OUT, 16, NULL_FINE, {0, 7, 0, 0}},
    {"sched_getaffinity", SYS_sched_getaffinity, 2, OUT, 8, 0, {0, 8, 0}},
    {"sched_setaffinity", SYS_sched_setaffinity, 2, IN, 8, 0, {0, 8, 0}},
    {"setgroups", SYS_setgroups, 1, IN, 4, 0, {1, 0}},
    {"getcpu", SYS_getcpu, 0, OUT, 4, NULL_FINE, {0, 0, 0}},
    {"getresuid", SYS_getresuid, 0, OUT, 4, 0, {0, ZEROES, ZEROES}},
    {"getresgid", SYS_getresgid, 2, OUT, 4, 0, {ZEROES, ZEROES, 0}},
    {"uname", SYS_uname, 0, OUT, 390, 0, {0}},
    {"sysinfo", SYS_sysinfo, 0, OUT, 112, 0, {0}},
    {"times", SYS_times, 0, OUT, 32, NULL_FINE, {0}},
    {"mincore", SYS_mincore, 2, OUT, 2, 0, {GOOD, 8192, 0}},

    /* signals and time */
    {"rt_sigaction new", SYS_rt_sigaction, 1, IN, 32, NULL_FINE, {SIGUSR1, 0, 0, 8}},
    {"rt_sigaction old", SYS_rt_sigaction, 2, OUT, 32, NULL_FINE, {SIGUSR1, 0, 0, 8}},
    {"rt_sigprocmask new", SYS_rt_sigprocmask, 1, IN, 8, NULL_FINE, {0, 0, 0, 8}},
    {"rt_sigprocmask old", SYS_rt_sigprocmask, 2, OUT, 8, NULL_FINE, {0, 0, 0, 8}},
    {"rt_sigpending", SYS_rt_sigpending, 0, OUT, 8, 0, {0, 8}},
    {"rt_sigsuspend", SYS_rt_sigsuspend, 0, IN, 8, 0, {0, 8}},
    {"rt_sigtimedwait", SYS_rt_sigtimedwait, 0, IN, 8, 0, {0, 0, ZEROES, 8}},
    {"rt_sigtimedwait time", SYS_rt_sigtimedwait, 2, IN, 16, NULL_FINE, {ZEROES, 0, 0, 8}},
    {"rt_sigqueueinfo", SYS_rt_sigqueueinfo, 2, IN, 48, 0, {1 << 22, SIGUSR1, 0}},
    {"sigaltstack new", SYS_sigaltstack, 0, IN, 24, NULL_FINE, {0, 0}},
    {"sigaltstack old", SYS_sigaltstack, 1, OUT, 24, NULL_FINE, {0, 0}},
    {"nanosleep", SYS_nanosleep, 0, IN, 16, 0, {0, 0}},
    {"clock_nanosleep", SYS_clock_nanosleep, 2, IN, 16, 0, {1, 0, 0, 0}},
    {"clock_gettime", SYS_clock_gettime, 1, OUT, 16, 0, {1, 0}},
    {"clock_settime", SYS_clock_settime, 1, IN, 16, 0, {0, 0}},
    {"clock_getres", SYS_clock_getres, 1, OUT, 16, NULL_FINE, {1, 0}},
    {"gettimeofday", SYS_gettimeofday, 0, OUT, 16, NULL_FINE, {0, 0}},
    {"gettimeofday zone", SYS_gettimeofday, 1, OUT, 8, NULL_FINE, {0, 0}},
    {"time", SYS_time, 0, OUT, 8, NULL_FINE, {0}},
    {"getitimer", SYS_getitimer, 1, OUT, 32, 0, {0, 0}},
    {"setitimer new", SYS_setitimer, 1, IN, 32, NULL_FINE, {0, 0, 0}},
    {"setitimer old", SYS_setitimer, 2, OUT, 32, NULL_FINE, {0, ZEROES, 0}},
};

#endif
