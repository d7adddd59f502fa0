/* kernel/linux/descriptors.h - the file calls' common ground: descriptors, paths of the user's. */
#ifndef KERNEL_LINUX_DESCRIPTORS_H
#define KERNEL_LINUX_DESCRIPTORS_H

#include "kernel/file/file.h"
#include "kernel/file/file_system.h"
#include "kernel/linux/file_types.h"
#include "kernel/linux/syscall.h"
#include "kernel/process/process.h"

/* lseek's whence, and linux_flock's. */
#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_DATA 3
#define SEEK_HOLE 4

#define AT_FDCWD            (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR        0x200u
#define AT_EACCESS          0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_NO_AUTOMOUNT     0x800u /* nothing is mounted by looking */
#define AT_EMPTY_PATH       0x1000u

/* The current process's open file with that number, with a reference; NULL: -EBADF. */
struct file *descriptor_hold(int fd);
/* The same, if it is of that kind; else `error`. -EBADF. */
int descriptor_hold_kind(int fd, bool (*is)(const struct file *), int error,
                         struct file **held);
/* The same, or what O_PATH has but named: no operation of its inode's may be called. */
struct file *descriptor_named(int fd);
/* The inode of either, with a reference; NULL: -EBADF. */
struct inode *descriptor_inode(int fd);
/* The file with that number and its position, to be given back together. -EBADF, -EINTR. */
static inline long descriptor_hold_position(int fd, struct file **held) SLEEPS
{
    struct file *file = descriptor_hold(fd);

    if (!file)
        return -EBADF;
    *held = file;
    long error = file_position_lock(file);
    if (error)
        file_release(file);
    return error;
}

static inline void descriptor_release_position(struct file *file)
{
    file_position_unlock(file);
    file_release(file);
}
/* The lowest number >= `minimum` for it, within the process's limit. The reference is used
 * up in any case. */
MUST_USE long descriptor_add(struct file *file, int minimum, bool close_on_exec);
/* Numbers of the process's files are below. */
int descriptor_limit(void);
/* Numbers for both ends of something, which the program is told at `numbers`, two ints. 0 or
 * -errno; the references are used up in any case. */
long descriptor_add_pair(struct file *first, struct file *second, uint64_t numbers,
                         bool close_on_exec) SLEEPS;

/* Walk a path of the user's from a descriptor (or AT_FDCWD). */
int path_walk_user(int fd, uint64_t path, unsigned flags, struct place *place) SLEEPS;
/* What the path leads to, with a reference; AT_… flags; AT_EMPTY_PATH means the descriptor. */
int path_find_user(int fd, uint64_t path, unsigned at_flags, struct inode **found) SLEEPS;

#define IOVEC_MAX  1024u
#define IOVEC_FEW  16u
#define IOVEC_PAGE (PAGE_SIZE / sizeof(struct linux_iovec))

/* The kernel's own copy of a vector: the program may change its own meanwhile. */
struct pieces {
    struct linux_iovec few[IOVEC_FEW];
    struct linux_iovec *part[IOVEC_MAX / IOVEC_PAGE]; /* `few`, or a page each */
    unsigned count;
    uint64_t total; /* bytes of all together, or more than there can be */
};
static inline const struct linux_iovec *piece_at(const struct pieces *pieces, unsigned at)
{
    return &pieces->part[at / IOVEC_PAGE][at % IOVEC_PAGE];
}
/* 0, or -EINVAL (too many, or a piece too long), -ENOMEM, -EFAULT (the vector, or a piece that lies
 * where no user memory can be): nothing to give. */
long pieces_take(struct pieces *pieces, uint64_t vector, uint64_t count) SLEEPS;
/* The same of pieces that are another process's: where they lie is not looked at. */
long pieces_take_foreign(struct pieces *pieces, uint64_t vector, uint64_t count) SLEEPS;
void pieces_give(struct pieces *pieces);

/* Every file call by number: for the table. */
#define FILE_SYSCALLS(X)    \
    X(0, read)              \
    X(1, write)             \
    X(2, open)              \
    X(3, close)             \
    X(4, stat)              \
    X(5, fstat)             \
    X(6, lstat)             \
    X(7, poll)              \
    X(8, lseek)             \
    X(16, ioctl)            \
    X(17, pread64)          \
    X(18, pwrite64)         \
    X(19, readv)            \
    X(20, writev)           \
    X(21, access)           \
    X(22, pipe)             \
    X(23, select)           \
    X(32, dup)              \
    X(33, dup2)             \
    X(40, sendfile)         \
    X(41, socket)           \
    X(42, socket_refused)   \
    X(43, socket_refused)   \
    X(44, sendto)           \
    X(45, recvfrom)         \
    X(46, socket_refused)   \
    X(47, socket_refused)   \
    X(48, shutdown)         \
    X(49, socket_refused)   \
    X(50, socket_refused)   \
    X(51, socket_refused)   \
    X(52, socket_refused)   \
    X(53, socketpair)       \
    X(54, socket_refused)   \
    X(55, getsockopt)       \
    X(72, fcntl)            \
    X(73, flock)            \
    X(74, fsync)            \
    X(75, fdatasync)        \
    X(76, truncate)         \
    X(77, ftruncate)        \
    X(79, getcwd)           \
    X(80, chdir)            \
    X(81, fchdir)           \
    X(82, rename)           \
    X(83, mkdir)            \
    X(84, rmdir)            \
    X(85, creat)            \
    X(86, link)             \
    X(87, unlink)           \
    X(88, symlink)          \
    X(89, readlink)         \
    X(90, chmod)            \
    X(91, fchmod)           \
    X(92, chown)            \
    X(93, fchown)           \
    X(94, lchown)           \
    X(95, umask)            \
    X(132, utime)           \
    X(133, mknod)           \
    X(137, statfs)          \
    X(138, fstatfs)         \
    X(161, chroot)          \
    X(162, sync)            \
    X(165, mount)           \
    X(166, umount2)         \
    X(213, epoll_create)    \
    X(217, getdents64)      \
    X(187, readahead)       \
    X(221, fadvise64)       \
    X(232, epoll_wait)      \
    X(233, epoll_ctl)       \
    X(235, utimes)          \
    X(257, openat)          \
    X(258, mkdirat)         \
    X(259, mknodat)         \
    X(260, fchownat)        \
    X(261, futimesat)       \
    X(262, newfstatat)      \
    X(263, unlinkat)        \
    X(264, renameat)        \
    X(265, linkat)          \
    X(266, symlinkat)       \
    X(267, readlinkat)      \
    X(268, fchmodat)        \
    X(269, faccessat)       \
    X(270, pselect6)        \
    X(271, ppoll)           \
    X(277, sync_file_range) \
    X(280, utimensat)       \
    X(281, epoll_pwait)     \
    X(283, timerfd_create)  \
    X(284, eventfd)         \
    X(285, fallocate)       \
    X(286, timerfd_settime) \
    X(287, timerfd_gettime) \
    X(288, socket_refused)  \
    X(290, eventfd2)        \
    X(291, epoll_create1)   \
    X(292, dup3)            \
    X(293, pipe2)           \
    X(295, preadv)          \
    X(296, pwritev)         \
    X(306, syncfs)          \
    X(316, renameat2)       \
    X(319, memfd_create)    \
    X(326, copy_file_range) \
    X(327, preadv2)         \
    X(328, pwritev2)        \
    X(332, statx)           \
    X(436, close_range)     \
    X(439, faccessat2)      \
    X(441, epoll_pwait2)

FILE_SYSCALLS(SYSCALL_DECLARE)

#endif
