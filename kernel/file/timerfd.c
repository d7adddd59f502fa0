/* kernel/file/timerfd.c - a timer that is read: how many times has it run out since the
 * last look? */
#include "arch/user.h"
#include "kernel/file/unnamed.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define SHORTEST 100000ull /* ns between two wake-ups; what lies between is counted */

struct timerfd {
    uint64_t when, interval; /* ns; the next time not yet read, 0: none */
    bool real;               /* set by the time of day */
    struct timer timer;
    struct news news;
};

static struct slab_cache timerfd_cache = SLAB_CACHE("timerfd", struct timerfd);

/* Times that it has run out and that nobody has read. */
static uint64_t expired(const struct timerfd *timer)
{
    uint64_t now = time_now();
    if (!timer->when || now < timer->when)
        return 0;
    return timer->interval ? (now - timer->when) / timer->interval + 1 : 1;
}

static void timerfd_ring(void *argument)
{
    struct timerfd *timer = argument;
    news_note(&timer->news, false);
    thread_wake(timer);
    poll_wake();
}

/* Nobody need be told of the times after the first that is not read. */
static void arm(struct timerfd *timer)
{
    uint64_t soonest = time_now() + SHORTEST;
    timer_cancel(&timer->timer);
    if (timer->when)
        timer_set(&timer->timer,
                  timer->interval && timer->when < soonest ? soonest : timer->when,
                  timerfd_ring, timer);
}

static uint64_t timerfd_take(struct file *file)
{
    struct timerfd *timer = file->inode->data;
    uint64_t times = expired(timer);
    if (!times)
        return 0;
    timer->when = timer->interval ? timer->when + times * timer->interval : 0;
    arm(timer);
    return times;
}

static unsigned timerfd_ready(struct file *file)
{
    return expired(file->inode->data) ? POLLIN : 0;
}

static struct news timerfd_news(struct file *file, bool writing __attribute__((unused)))
{
    return ((const struct timerfd *)file->inode->data)->news;
}

static void timerfd_destroy(struct inode *inode)
{
    struct timerfd *timer = inode->data;
    if (!timer)
        return;
    timer_cancel(&timer->timer);
    slab_give(&timerfd_cache, timer);
}

static const struct inode_operations timerfd_operations = {
    .seek = SEEK_NOWHERE,
    .told_as = "anon_inode:[timerfd]",
    .read = number_read,
    .take = timerfd_take,
    .ready = timerfd_ready,
    .news = timerfd_news,
    .destroy = timerfd_destroy,
};

bool file_is_timerfd(const struct file *file)
{
    return file->inode->operations == &timerfd_operations;
}

bool timerfd_is_real(const struct file *file)
{
    const struct timerfd *timer = file->inode->data;
    return timer->real;
}

int timerfd_create(bool real, uint32_t flags, struct file **opened)
{
    struct timerfd *timer = slab_take(&timerfd_cache);
    if (!timer)
        return -ENOMEM;
    timer->real = real;
    int error = unnamed_open(&timerfd_operations, 0600, timer, flags, opened);
    if (error)
        slab_give(&timerfd_cache, timer);
    return error;
}

void timerfd_set(struct file *file, uint64_t when, uint64_t interval)
{
    struct timerfd *timer = file->inode->data;
    timer->when = when;
    timer->interval = interval;
    arm(timer);
}

uint64_t timerfd_left(const struct file *file, uint64_t *interval)
{
    const struct timerfd *timer = file->inode->data;
    uint64_t now = time_now(), next = timer->when;
    *interval = timer->interval;
    if (!next)
        return 0;
    if (next <= now)
        next = timer->interval ? next + expired(timer) * timer->interval : now + 1;
    return next - now;
}
