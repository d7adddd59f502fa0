/* kernel/linux/poll.c - waiting for several files at once.
 *
 * Look at all of them; if none is ready, sleep until any file's readiness changes and look
 * again. All waiters sleep on one channel: with few processes that is simpler than a list of
 * waiters at each file, and no wake-up can be lost. */
#include "arch/user.h"
#include "kernel/file/unnamed.h"
#include "kernel/linux/descriptors.h"
#include "kernel/linux/select_sets.h"
#include "kernel/linux/time.h"
#include "lib/string.h"

#define STICKY_TIMEOUTS 0x4000000u /* of personality */

#define READY_ALWAYS (POLLERR | POLLHUP | POLLNVAL) /* told whether asked or not */

/* Sleep until something changes after `seen` (poll_changes before the look). 0: look again,
 * -ETIMEDOUT, -EINTR. */
static int poll_sleep(uint64_t deadline, uint64_t seen)
{
    if (deadline <= time_now())
        return -ETIMEDOUT;
    if (poll_changes != seen) /* others ran while it looked */
        return signal_pending(current) ? -EINTR : 0;
    poll_sleepers++;
    int error = thread_sleep(&poll_channel, SLEEP_INTERRUPTIBLE, deadline);
    poll_sleepers--;
    return error;
}

/* --- Deadlines and masks -------------------------------------------------------------------- */

static uint64_t deadline_of_milliseconds(int milliseconds)
{
    return milliseconds < 0 ? UINT64_MAX : deadline_after(milliseconds * 1000000ull);
}

static long deadline_of_timespec(uint64_t user, uint64_t *deadline)
{
    uint64_t ns = INT64_MAX;
    int error = user ? timespec_read(user, &ns) : 0;

    *deadline = deadline_after(ns);
    return error;
}

static long deadline_of_timeval(uint64_t user, uint64_t *deadline)
{
    struct linux_timeval time;

    *deadline = UINT64_MAX;
    if (!user)
        return 0;
    if (copy_from_user(&time, (const void __user *)user, sizeof(time)))
        return -EFAULT;
    if (time.seconds < 0 || time.microseconds < 0)
        return -EINVAL;
    *deadline = deadline_after(ns_limited(time.seconds + time.microseconds / 1000000,
                                          time.microseconds % 1000000 * 1000));
    return 0;
}

/* The time that was not used goes back to the caller of ppoll and select; but as some systems had
 * it, the caller's stays as it was. */
static bool rest_is_told(uint64_t user)
{
    return user && !(process_current()->personality & STICKY_TIMEOUTS);
}

static void timespec_give_rest(uint64_t user, uint64_t deadline)
{
    uint64_t now = time_now(), rest = deadline > now ? deadline - now : 0;

    if (rest_is_told(user))
        LEAVE_OUT(timespec_write(user, rest)); /* the call has done its work all the same */
}

/* Another signal mask for the time of the call. */
static long mask_begin(uint64_t user, uint64_t size)
{
    uint64_t mask;

    if (!user)
        return 0;
    if (size != sizeof(mask))
        return -EINVAL;
    if (copy_from_user(&mask, (const void __user *)user, sizeof(mask)))
        return -EFAULT;
    current->saved_mask = current->signals_blocked;
    current->saved_mask_valid = true;
    signal_set_mask(mask);
    return 0;
}

/* If a signal ended the call, its handler runs before the old mask comes back: delivery
 * sees to that (kernel/signal/signal.c). */
static void mask_end(long result)
{
    if (!current->saved_mask_valid || result == -EINTR)
        return;
    current->saved_mask_valid = false;
    signal_set_mask(current->saved_mask);
}

/* --- poll ----------------------------------------------------------------------------------- */

static unsigned poll_one(const struct linux_pollfd *asked)
{
    if (asked->fd < 0)
        return 0;
    struct file *file = descriptor_hold(asked->fd);
    if (!file)
        return POLLNVAL;
    unsigned ready = file_ready(file);
    unsigned wanted = (uint16_t)asked->events;
    file_release(file);
    /* "normal" data and room are all there is: POLLRDNORM, POLLWRNORM */
    if (ready & POLLIN)
        ready |= 0x40;
    if (ready & POLLOUT)
        ready |= 0x100;
    return ready & (wanted | READY_ALWAYS);
}

#define LOOKS_AT_ONCE 64u /* files, between two looks at the clock */

/* Look at all. How many are ready, or -EFAULT. */
static long poll_look(struct linux_pollfd __user *list, uint64_t count)
{
    long found = 0;

    for (uint64_t i = 0; i < count; i++) {
        struct linux_pollfd asked;

        if (copy_from_user(&asked, list + i, sizeof(asked)))
            return -EFAULT;
        asked.ready = poll_one(&asked);
        if (copy_to_user(&list[i].ready, &asked.ready, sizeof(asked.ready)))
            return -EFAULT;
        found += asked.ready != 0;
        if (i % LOOKS_AT_ONCE == LOOKS_AT_ONCE - 1)
            thread_breathe();
    }
    return found;
}

static long poll_wait(uint64_t list, uint64_t count, uint64_t deadline)
{
    if (count > (uint64_t)descriptor_limit())
        return -EINVAL;
    for (;;) {
        uint64_t seen = poll_changes;
        long found = poll_look((struct linux_pollfd __user *)list, count);
        if (found)
            return found;
        int error = poll_sleep(deadline, seen);
        if (error)
            return error == -ETIMEDOUT ? 0 : error;
    }
}

SYSCALL(poll, uint64_t fds, uint32_t count, int milliseconds)
{
    uint64_t deadline = deadline_keep(deadline_of_milliseconds(milliseconds));
    return deadline_remember(poll_wait(fds, count, deadline), deadline);
}

SYSCALL(ppoll, uint64_t fds, uint32_t count, uint64_t timeout, uint64_t mask,
        uint64_t mask_size)
{
    uint64_t deadline;
    long result = deadline_of_timespec(timeout, &deadline);

    if (!result)
        result = mask_begin(mask, mask_size);
    if (result)
        return result;
    deadline = deadline_keep(deadline);
    result = poll_wait(fds, count, deadline);
    mask_end(result);
    timespec_give_rest(timeout, deadline);
    return deadline_remember(result, deadline);
}

/* --- select --------------------------------------------------------------------------------- */

/* Until one is ready. How many, 0: the time is over, or -errno. */
static long sets_wait(struct select_sets *sets, uint64_t deadline)
{
    for (;;) {
        uint64_t seen = poll_changes;
        long found = select_look(sets);
        int slept = found ? 0 : poll_sleep(deadline, seen);
        if (found || slept)
            return slept == -ETIMEDOUT ? 0 : found ? found : slept;
    }
}

static long select_wait(int count, const uint64_t user[3], uint64_t deadline)
{
    struct select_sets sets = {0, {NULL}};
    int room = files_room(current->files);

    if (count < 0)
        return -EINVAL;
    sets.count = count < room ? count : room; /* none of the others is open */
    long result = sets_fetch(&sets, user);
    if (!result)
        result = sets_wait(&sets, deadline);
    if (result >= 0 && sets_give(&sets, user))
        result = -EFAULT;
    sets_free(&sets);
    return result;
}

SYSCALL(select, int count, uint64_t readable, uint64_t writable, uint64_t exceptional,
        uint64_t timeout)
{
    uint64_t user[3] = {readable, writable, exceptional}, deadline;
    long error = deadline_of_timeval(timeout, &deadline);

    if (error)
        return error;
    deadline = deadline_keep(deadline);
    long result = deadline_remember(select_wait(count, user, deadline), deadline);
    if (rest_is_told(timeout) && deadline != UINT64_MAX) {
        uint64_t now = time_now(), rest = deadline > now ? deadline - now : 0;
        struct linux_timeval time = timeval_of(rest);
        if (copy_to_user((void __user *)timeout, &time, sizeof(time)))
            return result; /* as with ppoll, the work is done */
    }
    return result;
}

SYSCALL(pselect6, int count, uint64_t readable, uint64_t writable, uint64_t exceptional,
        uint64_t timeout, uint64_t mask_pair)
{
    uint64_t user[3] = {readable, writable, exceptional}, deadline, mask[2] = {0, 0};
    long result = deadline_of_timespec(timeout, &deadline);

    if (!result && mask_pair &&
        copy_from_user(mask, (const void __user *)mask_pair, sizeof(mask)))
        result = -EFAULT;
    if (!result)
        result = mask_begin(mask[0], mask[1]);
    if (result)
        return result;
    deadline = deadline_keep(deadline);
    result = select_wait(count, user, deadline);
    mask_end(result);
    timespec_give_rest(timeout, deadline);
    return deadline_remember(result, deadline);
}

/* --- epoll ------------------------------------------------------------------------------- */

#define EPOLL_CLOEXEC O_CLOEXEC

static long epoll_create_call(uint32_t flags)
{
    struct file *file;
    if (flags & ~EPOLL_CLOEXEC)
        return -EINVAL;
    int error = epoll_create(0, &file);
    return error ? error : descriptor_add(file, 0, flags & EPOLL_CLOEXEC);
}

SYSCALL(epoll_create, int size)
{
    return size <= 0 ? -EINVAL : epoll_create_call(0);
}

SYSCALL(epoll_create1, uint32_t flags)
{
    return epoll_create_call(flags);
}

static long epoll_ctl_held(struct file *set, struct file *file, uint64_t operation, int fd,
                           const struct epoll_event *event)
{
    if (!file->inode->operations->ready)
        return -EPERM;
    if (!file_is_epoll(set) || operation < EPOLL_CTL_ADD || operation > EPOLL_CTL_MOD)
        return -EINVAL;
    return epoll_control(set, operation, fd, file, event);
}

SYSCALL(epoll_ctl, int set_fd, int operation, int fd, uint64_t event_at)
{
    struct epoll_event event = {0, 0};
    if (operation != EPOLL_CTL_DEL &&
        copy_from_user(&event, (const void __user *)event_at, sizeof(event)))
        return -EFAULT;
    struct file *set = descriptor_hold(set_fd), *file = descriptor_hold(fd);
    long result = set && file ? epoll_ctl_held(set, file, operation, fd, &event) : -EBADF;
    if (file)
        file_release(file);
    if (set)
        file_release(set);
    return result;
}

/* How many of the events could be copied; the others are to be told yet. -EFAULT: none could. */
static long events_give(struct file *set, uint64_t to, const struct epoll_event *found,
                        unsigned count, uint64_t look)
{
    size_t missed = copy_to_user((void __user *)to, found, count * sizeof(*found));
    unsigned given = count - (missed + sizeof(*found) - 1) / sizeof(*found);
    if (missed)
        epoll_untell(set, look, given);
    return given ? (long)given : -EFAULT;
}

static long epoll_wait_held(struct file *set, uint64_t to, unsigned most, uint64_t deadline)
{
    struct epoll_event found[EPOLL_PART];
    for (;;) {
        uint64_t seen = poll_changes, look;
        unsigned count = epoll_look(set, found, most, &look);
        if (count)
            return events_give(set, to, found, count, look);
        int error = poll_sleep(deadline, seen);
        if (error)
            return error == -ETIMEDOUT ? 0 : error;
    }
}

static long epoll_wait_call(int fd, uint64_t to, int most, uint64_t deadline)
{
    struct file *set = descriptor_hold(fd);
    if (!set)
        return -EBADF;
    deadline = deadline_keep(deadline);
    long result = -EINVAL;
    if (most > 0 && (unsigned)most <= INT32_MAX / sizeof(struct epoll_event)) {
        if (!user_range_ok(to, most * sizeof(struct epoll_event)))
            result = -EFAULT;
        else if (file_is_epoll(set))
            result = epoll_wait_held(set, to, most, deadline);
    }
    file_release(set);
    return deadline_remember(result, deadline);
}

SYSCALL(epoll_wait, int set_fd, uint64_t events, int most, int milliseconds)
{
    return epoll_wait_call(set_fd, events, most, deadline_of_milliseconds(milliseconds));
}

static long epoll_wait_masked(int fd, uint64_t to, int most, uint64_t deadline,
                              uint64_t mask, uint64_t mask_size)
{
    long result = mask_begin(mask, mask_size);
    if (result)
        return result;
    result = epoll_wait_call(fd, to, most, deadline);
    mask_end(result);
    return result;
}

SYSCALL(epoll_pwait, int set_fd, uint64_t events, int most, int milliseconds, uint64_t mask,
        uint64_t mask_size)
{
    return epoll_wait_masked(set_fd, events, most, deadline_of_milliseconds(milliseconds),
                             mask, mask_size);
}

SYSCALL(epoll_pwait2, int set_fd, uint64_t events, int most, uint64_t timeout,
        uint64_t mask, uint64_t mask_size)
{
    uint64_t deadline;
    long error = deadline_of_timespec(timeout, &deadline);
    return error ? error
                 : epoll_wait_masked(set_fd, events, most, deadline, mask, mask_size);
}
