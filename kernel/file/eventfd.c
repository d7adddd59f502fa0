/* kernel/file/eventfd.c - a counter that can be waited for: writing adds to it, reading
 * takes it. */
#include "arch/user.h"
#include "kernel/file/file_system.h"
#include "kernel/file/unnamed.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
    uint64_t count;
    bool semaphore;
    struct news news[2];
};

static struct slab_cache eventfd_cache = SLAB_CACHE("eventfd", struct eventfd);

int unnamed_open(const struct inode_operations *operations, uint32_t mode, void *data,
                 uint32_t flags, struct file **opened)
{
    struct inode *inode = inode_create(operations, mode, &file_system_pipe);
    if (!inode)
        return -ENOMEM;
    inode->data = data;
    int error = file_open_inode(inode, O_RDWR | flags, opened);
    if (error)
        inode->data = NULL; /* it stays the caller's */
    inode_release(inode);
    return error;
}

long number_take(struct file *file, uint64_t *number)
{
    while ((*number = file->inode->operations->take(file)) == 0) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        int error = thread_sleep(file->inode->data, SLEEP_INTERRUPTIBLE, UINT64_MAX);
        if (error)
            return error;
    }
    return 0;
}

long number_read(struct file *file, void __user *buffer, size_t length,
                 uint64_t *position __attribute__((unused)))
{
    uint64_t number;
    long error = length < sizeof(number) ? -EINVAL : number_take(file, &number);
    if (error)
        return error;
    return copy_to_user(buffer, &number, sizeof(number)) ? -EFAULT : (long)sizeof(number);
}

static void changed(struct eventfd *event)
{
    thread_wake(event);
    poll_wake();
}

static uint64_t eventfd_take(struct file *file)
{
    struct eventfd *event = file->inode->data;
    uint64_t taken = event->semaphore && event->count ? 1 : event->count;
    if (!taken)
        return 0;
    news_note(&event->news[1], true);
    event->count -= taken;
    changed(event);
    return taken;
}

static long eventfd_write(struct file *file, const void __user *buffer, size_t length,
                          uint64_t *position __attribute__((unused)))
{
    struct eventfd *event = file->inode->data;
    uint64_t more;
    if (length != sizeof(more))
        return -EINVAL;
    if (copy_from_user(&more, buffer, sizeof(more)) != 0)
        return -EFAULT;
    if (more == UINT64_MAX)
        return -EINVAL;
    while (more > COUNT_MAX - event->count) {
        if (file->flags & O_NONBLOCK)
            return -EAGAIN;
        int error = thread_sleep(event, SLEEP_INTERRUPTIBLE, UINT64_MAX);
        if (error)
            return error;
    }
    news_note(&event->news[0], event->count > 0);
    event->count += more;
    changed(event);
    return sizeof(more);
}

static unsigned eventfd_ready(struct file *file)
{
    const struct eventfd *event = file->inode->data;
    return (event->count > 0 ? POLLIN : 0) | (event->count < COUNT_MAX ? POLLOUT : 0);
}

static struct news eventfd_news(struct file *file, bool writing)
{
    const struct eventfd *event = file->inode->data;
    return event->news[writing];
}

static void eventfd_destroy(struct inode *inode)
{
    if (inode->data)
        slab_give(&eventfd_cache, inode->data);
}

static const struct inode_operations eventfd_operations = {
    .seek = SEEK_NOWHERE,
    .told_as = "anon_inode:[eventfd]",
    .read = number_read,
    .take = eventfd_take,
    .write = eventfd_write,
    .ready = eventfd_ready,
    .news = eventfd_news,
    .destroy = eventfd_destroy,
};

int eventfd_create(uint64_t count, bool semaphore, uint32_t flags, struct file **opened)
{
    struct eventfd *event = slab_take(&eventfd_cache);
    if (!event)
        return -ENOMEM;
    event->count = count;
    event->semaphore = semaphore;
    int error = unnamed_open(&eventfd_operations, 0600, event, flags, opened);
    if (error)
        slab_give(&eventfd_cache, event);
    return error;
}
