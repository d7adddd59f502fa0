/* kernel/file/unnamed.h - files without a name that are no pipes: counters, timers, sets of
 * files to wait for. */
#ifndef KERNEL_FILE_UNNAMED_H
#define KERNEL_FILE_UNNAMED_H

#include "kernel/file/file.h"

/* A new open file of such a kind; the inode's `data` becomes `data`, which the kind's
 * destroy frees. On an error it stays the caller's. 0 or -ENOMEM. */
int unnamed_open(const struct inode_operations *operations, uint32_t mode, void *data,
                 uint32_t flags, struct file **opened);

/* Wait for a number, and take it. 0, -EAGAIN or -EINTR. */
MUST_USE long number_take(struct file *file, uint64_t *number) SLEEPS;
/* How such a file is read. */
long number_read(struct file *file, void __user *buffer, size_t length,
                 uint64_t *position) SLEEPS;

/* The beginning, and whether it counts down by one a read (EFD_SEMAPHORE). */
int eventfd_create(uint64_t count, bool semaphore, uint32_t flags, struct file **opened);

/* A timer that is read. `real`: it goes by the time of day. */
int timerfd_create(bool real, uint32_t flags, struct file **opened);
bool file_is_timerfd(const struct file *file);
bool timerfd_is_real(const struct file *file);
/* When (as time_now; 0: never) and how often. */
void timerfd_set(struct file *file, uint64_t when, uint64_t interval);
/* ns until it runs out, 0: it does not run; and how often. */
uint64_t timerfd_left(const struct file *file, uint64_t *interval);

/* Two files, each of which reads what is written to the other: two pipes. */
int socketpair_create(uint32_t flags, struct file *opened[2]);
bool file_is_socket(const struct file *file);
/* Nobody will ever read what is written to it. */
bool socketpair_is_broken(const struct file *file);
/* What SO_ERROR tells, once: ECONNRESET, the peer closed with bytes unread; or 0. */
int socketpair_error(const struct file *file);
/* shutdown(2): the ends that are not used any more. */
void socketpair_shutdown(struct file *file, bool reading, bool writing);

/* --- epoll ------------------------------------------------------------------------------ */

/* As the system call has it. */
struct epoll_event {
    uint32_t events;
    uint64_t data;
} __attribute__((packed));

int epoll_create(uint32_t flags, struct file **opened);
bool file_is_epoll(const struct file *file);
enum epoll_operation { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL, EPOLL_CTL_MOD };
/* 0, -EEXIST, -ENOENT, -ENOMEM, -EPERM (always ready), -ELOOP (sets in a ring, or too deep),
 * -EINVAL (also: too many ways from a file up to sets). */
int epoll_control(struct file *set, enum epoll_operation operation, int fd,
                  struct file *file, const struct epoll_event *event);
/* Those that are ready now, at most `most` and EPOLL_PART. How many; they have been
 * told. Sleeps. */
#define EPOLL_PART 64u
unsigned epoll_look(struct file *set, struct epoll_event *found, unsigned most,
                    uint64_t *look) SLEEPS;
/* What that look found, from number `from` on, has not been told after all. */
void epoll_untell(struct file *set, uint64_t look, unsigned from);
/* A file is closed for good: it leaves all sets. */
void epoll_forget(const struct file *file);

#endif
