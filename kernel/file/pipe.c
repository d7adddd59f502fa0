/* kernel/file/pipe.c - bytes from one process to another.
 *
 * A pipe is a bounded buffer between producers and consumers: 64 KiB as a ring of 16 frames,
 * each taken when the first byte comes into it and given back when the last has left. A
 * reader of an empty pipe sleeps until there is something or no writer is left (end of
 * file); a writer to a full one sleeps until there is room; without readers it gets SIGPIPE.
 * A pipe of packets (O_DIRECT) keeps each write by itself, in a frame of its own.
 *
 * The copies to and from user memory may fault and sleep, so one at a time works on the
 * ring (`ring`): the other side is then kept out, not the fault path. */
#include "kernel/file/pipe.h"
#include "arch/user.h"
#include "kernel/file/file_system.h"
#include "kernel/file/owner.h"
#include "kernel/file/pipe_packet.h"
#include "kernel/file/pipe_ring.h"
#include "kernel/linux/file_types.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "mm/mm.h"

/* --- Beginning and end --------------------------------------------------------------- */

static struct slab_cache pipe_cache = SLAB_CACHE("pipe", struct pipe);

static struct pipe *pipe_make(void)
{
    struct pipe *pipe = slab_take(&pipe_cache);
    if (!pipe)
        return NULL;
    for (unsigned i = 0; i < SLOTS; i++)
        pipe->slot[i] = FRAME_NONE;
    pipe->capacity = PIPE_CAPACITY;
    return pipe;
}

static void pipe_free(struct pipe *pipe)
{
    for (unsigned i = 0; i < SLOTS; i++)
        if (frame_is(pipe->slot[i]))
            heap_give_frame(pipe->slot[i]);
    slab_give(&pipe_cache, pipe);
}

/* --- Waiting ------------------------------------------------------------------------ */

/* 0, or -EINTR: the caller is being killed, and does not have the ring. */
static inline int pipe_lock(struct pipe *pipe)
{
    return mutex_take(&pipe->ring);
}

/* Does nothing for a caller who does not have the ring (pipe_wait could not lock it again). Only a
 * change wakes who waits for one: two readers of an empty pipe would wake each other for ever. */
static inline void pipe_unlock(struct pipe *pipe)
{
    if (!mutex_is_mine(&pipe->ring))
        return;
    mutex_leave(&pipe->ring);
    if (!pipe->changed)
        return;
    if (pipe->sleepers)
        thread_wake(pipe);
    poll_wake();
    if (poll_sleepers && pipe->listeners)
        owner_tell(pipe->listeners, pipe->changed & PIPE_BYTES, pipe->changed & PIPE_ROOM,
                   0);
    pipe->changed = 0;
}

/* Let the other side work, and wait until something has changed. 0, -EINTR, or -EAGAIN for
 * those who do not wait. */
static int pipe_wait(struct pipe *pipe, const struct file *file)
{
    if (file->flags & O_NONBLOCK)
        return -EAGAIN;
    pipe_unlock(pipe);
    pipe->sleepers++;
    int error = thread_sleep(pipe, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    pipe->sleepers--;
    return error ? error : pipe_lock(pipe);
}

/* Wait until there are frames again; the pipe is let go meanwhile, since whoever has to give
 * up memory may be waiting for it. */
static int pipe_wait_memory(struct pipe *pipe) EXCLUDES(mm)
{
    pipe_unlock(pipe);
    mm_lock();
    bool goes_on = pageout_wait(group_current);
    mm_unlock();
    return goes_on ? pipe_lock(pipe) : -EINTR;
}

/* --- Reading and writing -------------------------------------------------------------- */

static inline __attribute__((always_inline)) long pipe_take_out(struct pipe *pipe,
                                                                char __user *buffer,
                                                                size_t length)
{
    size_t done = 0;
    while (done < length && pipe->length) {
        size_t left = length - done < pipe->length ? length - done : pipe->length;
        uint32_t part = pipe_part(pipe->head, left);
        size_t missed = copy_to_user(buffer + done, pipe_at(pipe, pipe->head), part);

        if (missed < part)
            pipe_consume(pipe, part - missed);
        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
    }
    return done;
}

/* Until there is something, or nothing more can come. The ring is locked then; on an error it is
 * not. */
static inline __attribute__((always_inline)) int pipe_read_begin(struct file *file,
                                                                 size_t length
                                                                 __attribute__((unused)))
{
    struct pipe *pipe = file->inode->data;
    int error = pipe_lock(pipe);
    while (!error && !pipe->length && pipe->writers)
        error = pipe_wait(pipe, file);
    if (error)
        pipe_unlock(pipe);
    return error;
}

static long pipe_read_part(struct file *file, void __user *buffer, size_t length,
                           uint64_t *position __attribute__((unused)))
{
    struct pipe *pipe = file->inode->data;
    return pipe->packets ? pipe_take_packet(pipe, buffer, length)
                         : pipe_take_out(pipe, buffer, length);
}

static void pipe_read_end(struct file *file)
{
    struct pipe *pipe = file->inode->data;
    pipe_end_packet(pipe);
    pipe_unlock(pipe);
}

static long pipe_read(struct file *file, void __user *buffer, size_t length,
                      uint64_t *position __attribute__((unused)))
{
    struct pipe *pipe = file->inode->data;
    if (!length)
        return 0;
    long result = pipe_read_begin(file, length);
    if (result)
        return result;
    if (pipe->packets) {
        result = pipe_take_packet(pipe, buffer, length);
        pipe_end_packet(pipe);
    } else {
        result = pipe_take_out(pipe, buffer, length);
    }
    pipe_unlock(pipe);
    return result;
}

/* The write ends here, after `done` bytes: in pages, but a small one is whole or is none. */
static long pipe_put_short(struct pipe *pipe, size_t done, bool atomic)
{
    if (done && !atomic)
        return done;
    pipe->length -= done;
    return -EFAULT;
}

/* Put in what there is room for. Bytes, or -ENOMEM, -EFAULT. */
static long pipe_put_in(struct pipe *pipe, const char __user *buffer, size_t length)
{
    bool atomic = length <= PIPE_ATOMIC;
    size_t done = 0;
    if (atomic && !pipe_reserve(pipe, length))
        return -ENOMEM;
    if (length > pipe_room(pipe))
        length = pipe_room(pipe);
    while (done < length) {
        uint32_t tail = (pipe->head + pipe->length) % PIPE_CAPACITY;
        uint32_t part = pipe_part(tail, length - done);
        char *to = pipe_at(pipe, tail);

        if (!to)
            return done ? (long)done : -ENOMEM;
        if (file_fetch(to, buffer + done, part))
            return pipe_put_short(pipe, done, atomic);
        if (!done)
            pipe_note(pipe, false, pipe->length > 0);
        pipe->length += part;
        pipe->changed |= PIPE_BYTES;
        done += part;
    }
    return done;
}

static __attribute__((noinline)) long pipe_write_packet(struct pipe *pipe,
                                                        const struct file *file,
                                                        const char __user *buffer,
                                                        size_t length)
{
    if (pipe->goes_on)
        return pipe_add_to_packet(pipe, buffer, length);
    if (pipe_room(pipe) < PAGE_SIZE)
        return pipe_wait(pipe, file);
    return pipe_put_packet(pipe, buffer, length);
}

/* The ring is locked; but while this waits, for room or frames, others work on it. */
static inline __attribute__((always_inline)) long pipe_write_locked(
    struct file *file, const char __user *buffer, size_t length)
{
    struct pipe *pipe = file->inode->data;
    size_t done = 0;

    while (done < length) {
        long part;

        if (!pipe->readers) {
            if (done)
                break;
            signal_send(process_current(), SIGPIPE, SI_KERNEL, 0);
            return -EPIPE;
        }
        if (pipe->packets)
            part = pipe_write_packet(pipe, file, buffer + done, length - done);
        else if (pipe_room(pipe) < pipe_room_wanted(length, length - done))
            part = pipe_wait(pipe, file);
        else
            part = pipe_put_in(pipe, buffer + done, length - done);
        if (part == -ENOMEM)
            part = pipe_wait_memory(pipe);
        if (part < 0)
            return done ? (long)done : part;
        done += part;
    }
    return done;
}

static long pipe_write(struct file *file, const void __user *buffer, size_t length,
                       uint64_t *position __attribute__((unused)))
{
    struct pipe *pipe = file->inode->data;
    if (!length)
        return 0;
    long result = pipe_lock(pipe);
    if (result)
        return result;
    result = pipe_write_locked(file, buffer, length);
    pipe_unlock(pipe);
    return result;
}

/* Parts of up to PIPE_ATOMIC bytes together are written when there is room for all of them, and
 * nobody else works on the ring before their end: all of them are written, or none. */
static int pipe_write_begin(struct file *file, size_t length)
{
    struct pipe *pipe = file->inode->data;
    int error = pipe_lock(pipe);

    while (!error && pipe->readers && length <= PIPE_ATOMIC) {
        if (pipe_room(pipe) < length)
            error = pipe_wait(pipe, file);
        else if (!pipe_reserve(pipe, length))
            error = pipe_wait_memory(pipe);
        else
            break;
    }
    if (error)
        pipe_unlock(pipe);
    else
        pipe->before = length <= PIPE_ATOMIC ? pipe->length : UINT32_MAX;
    return error;
}

/* What comes next belongs to the same packet, as long as that has room. */
static long pipe_write_part(struct file *file, const void __user *buffer, size_t length,
                            uint64_t *position __attribute__((unused)))
{
    struct pipe *pipe = file->inode->data;
    long done = pipe_write_locked(file, buffer, length);

    if (done < 0 && pipe->before < pipe->length)
        pipe->length = pipe->before;
    pipe->goes_on = pipe->packets && done == (long)length && pipe_packet_has_room(pipe);
    return done;
}

static void pipe_write_end(struct file *file)
{
    struct pipe *pipe = file->inode->data;
    pipe->goes_on = false;
    pipe->before = UINT32_MAX;
    pipe_unlock(pipe);
}

static unsigned pipe_ready(struct file *file)
{
    const struct pipe *pipe = file->inode->data;
    unsigned ready = 0;

    if (file_may_read(file)) {
        if (pipe->length)
            ready |= POLLIN;
        if (!pipe->writers && pipe->writers_ever)
            ready |= POLLHUP;
    }
    if (file_may_write(file)) {
        if (pipe_room(pipe) >= PIPE_ATOMIC)
            ready |= POLLOUT;
        if (!pipe->readers)
            ready |= POLLERR;
    }
    return ready;
}

static struct news pipe_news(struct file *file, bool writing)
{
    struct pipe *pipe = file->inode->data;
    pipe->followed = true;
    return pipe->news[writing];
}

static struct listener **pipe_listeners(struct file *file, bool room)
{
    struct pipe *pipe = file->inode->data;
    return (room ? file_may_write(file) : file_may_read(file)) ? &pipe->listeners : NULL;
}

long pipe_size(const struct file *file)
{
    return ((const struct pipe *)file->inode->data)->capacity;
}

long pipe_resize(struct file *file, uint32_t size)
{
    struct pipe *pipe = file->inode->data;
    uint32_t capacity = PAGE_SIZE;

    if (size > 1u << 31)
        return -EINVAL;
    if (size > PIPE_CAPACITY)
        return -EPERM;
    while (capacity < size)
        capacity *= 2;
    int error = pipe_lock(pipe);
    if (error)
        return error;
    if (capacity < pipe->length) {
        error = -EBUSY;
    } else {
        pipe_note(pipe, true, pipe_room(pipe) >= PIPE_ATOMIC);
        pipe->capacity = capacity;
        pipe->changed |= PIPE_ROOM; /* whoever waits for room looks again */
    }
    pipe_unlock(pipe);
    return error ? error : (long)capacity;
}

static long pipe_control(struct file *file, unsigned command, uintptr_t argument)
{
    int length = pipe_bytes(file->inode->data);

    if (command != FIONREAD)
        return -ENOTTY;
    return copy_to_user((void __user *)argument, &length, sizeof(length)) ? -EFAULT : 0;
}

/* --- Opening ------------------------------------------------------------------------ */

/* Wait until somebody has opened the other end of a FIFO. `ever` counts those. */
static int pipe_wait_other(struct pipe *pipe, const uint32_t *now, const uint32_t *ever)
{
    uint32_t before = *ever;
    int error = 0;

    pipe->sleepers++;
    while (!*now && *ever == before && !error)
        error = thread_sleep(pipe, SLEEP_INTERRUPTIBLE, UINT64_MAX);
    pipe->sleepers--;
    return error;
}

/* Its ends have changed: whoever waits looks again. */
static void pipe_ends_changed(struct pipe *pipe)
{
    pipe_note(pipe, false, pipe->length > 0);
    pipe_note(pipe, true, pipe_room(pipe) >= PIPE_ATOMIC);
    if (pipe->sleepers)
        thread_wake(pipe);
    poll_wake();
    if (pipe->listeners && !pipe->readers != !pipe->writers)
        owner_tell(pipe->listeners, true, true, 0);
}

void pipe_shutdown(struct file *end)
{
    struct pipe *pipe = end->inode->data;
    pipe->shut += pipe->readers + pipe->writers;
    pipe->readers = pipe->writers = 0;
    pipe_ends_changed(pipe);
}

bool pipe_is_unread(const struct file *writer, bool forget)
{
    struct pipe *pipe = writer->inode->data;
    bool unread = pipe->length && !pipe->readers && pipe->shut < 2;

    if (unread && forget)
        pipe->length = 0;
    return unread;
}

static void pipe_close(struct file *file)
{
    struct pipe *pipe = file->inode->data;
    if (pipe->shut) {
        pipe->shut--;
    } else {
        pipe->readers -= file_may_read(file);
        pipe->writers -= file_may_write(file);
    }
    pipe_ends_changed(pipe);
    if (!pipe->readers && !pipe->writers && !pipe->shut) {
        file->inode->data = NULL;
        pipe_free(pipe);
    }
}

static int pipe_open(struct file *file)
{
    struct inode *inode = file->inode;
    struct pipe *pipe = inode->data;
    bool reads = file_may_read(file), writes = file_may_write(file);
    bool waits = inode->file_system != &file_system_pipe; /* a FIFO's ends meet */
    int error = 0;

    if (!reads && !writes) /* access mode 3: it would be no end of the pipe at all */
        return -EINVAL;
    if (!pipe)
        pipe = inode->data = pipe_make();
    if (!pipe)
        return -ENOMEM;
    pipe->packets |= (file->flags & O_DIRECT) != 0; /* by pipe_create: it is empty */
    pipe->readers += reads;
    pipe->readers_ever += reads;
    pipe->writers += writes;
    pipe->writers_ever += writes;
    if (pipe->sleepers)
        thread_wake(pipe);
    if (waits && reads && !writes && !(file->flags & O_NONBLOCK))
        error = pipe_wait_other(pipe, &pipe->writers, &pipe->writers_ever);
    else if (waits && writes && !reads && (file->flags & O_NONBLOCK))
        error = pipe->readers ? 0 : -ENXIO;
    else if (waits && writes && !reads)
        error = pipe_wait_other(pipe, &pipe->readers, &pipe->readers_ever);
    if (error)
        pipe_close(file);
    return error;
}

const struct inode_operations pipe_operations = {
    .told_as = "pipe:[%lu]",
    .open = pipe_open,
    .close = pipe_close,
    .read = pipe_read,
    .read_begin = pipe_read_begin,
    .read_part = pipe_read_part,
    .read_end = pipe_read_end,
    .write = pipe_write,
    .fetches = true,
    .whole = true,
    .write_begin = pipe_write_begin,
    .write_part = pipe_write_part,
    .write_end = pipe_write_end,
    .ready = pipe_ready,
    .news = pipe_news,
    .listeners = pipe_listeners,
    .control = pipe_control,
};

int pipe_create(uint32_t flags, struct file **reader, struct file **writer)
{
    struct inode *inode = inode_create(&pipe_operations, S_IFIFO | 0600, &file_system_pipe);

    if (!inode)
        return -ENOMEM;
    int error = file_open_inode(inode, O_RDONLY | flags, reader);
    if (!error) {
        error = file_open_inode(inode, O_WRONLY | flags, writer);
        if (error)
            file_release(*reader);
    }
    inode_release(inode);
    return error;
}
