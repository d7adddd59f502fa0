/* kernel/terminal/tty_file.c - the terminal as a file: open, read, write.
 *
 * Reading waits for a line; or, when the program edits for itself, for at least VMIN
 * characters and no longer than VTIME tenths of a second. */
#include "arch/user.h"
#include "kernel/device/device.h"
#include "kernel/process/process.h"
#include "kernel/terminal/tty.h"
#include "lib/errno.h"

#define CHUNK        256u
#define NS_PER_TENTH 100000000ull

static int tty_open(struct file *file)
{
    const struct process *process = process_current();

    if (file->inode->device == DEVICE_TTY) {
        file->data = process ? process->terminal : NULL;
        return file->data ? 0 : -ENXIO;
    }
    file->data = &tty_console;
    /* a session's first process that opens a terminal makes it its own; the console is
     * everybody's, so there it has to ask (TIOCSCTTY) */
    if (process && file->inode->device == DEVICE_SERIAL && !(file->flags & O_NOCTTY) &&
        process->session == process->id && !process->terminal && !tty_console.session)
        return tty_acquire(&tty_console, false);
    return 0;
}

/* Take characters out, at most `length`, and no further than the end of a line. */
static size_t tty_take_out(struct tty *tty, char *buffer, size_t length)
{
    size_t done = 0;

    while (done < length && tty->read != tty->committed && !tty->line_ended) {
        uint16_t character = tty->input[tty->read++ % TTY_INPUT];

        if (!(character & INPUT_FILE_END))
            buffer[done++] = character;
        tty->line_ended = character & INPUT_LINE_END;
    }
    return done;
}

/* When a read of characters gives up waiting: at once, never, or after VTIME. */
static uint64_t tty_deadline(const struct tty *tty)
{
    uint8_t least = tty->settings.character[VMIN], time = tty->settings.character[VTIME];

    if (tty_local(tty, ICANON) || (!time && least))
        return UINT64_MAX;
    if (time && (!least || tty->committed != tty->read)) /* VMIN > 0: between characters */
        return time_now() + time * NS_PER_TENTH;
    return least ? UINT64_MAX : 0;
}

static uint32_t tty_has(const struct tty *tty)
{
    return tty->committed - tty->read;
}

/* Sleep until there is enough to read: so many characters. Fewer when the time is over, 0: none
 * at all. -EAGAIN, -EINTR, -EIO. */
static long tty_wait(struct tty *tty, const struct file *file, size_t length)
{
    for (;;) {
        uint32_t have = tty_has(tty);
        uint32_t want = tty_local(tty, ICANON) ? 1 : tty->settings.character[VMIN];
        uint64_t deadline = tty_deadline(tty);

        int error = tty_check_foreground(tty, SIGTTIN);
        if (error)
            return error;
        if (have && (have >= want || have >= length))
            return !want ? 1 : want < length ? want : length;
        if (!deadline)
            return have > 0;
        if (file->flags & O_NONBLOCK)
            return have ? 1 : -EAGAIN;
        error = thread_sleep(tty, SLEEP_INTERRUPTIBLE, deadline);
        if (error == -ETIMEDOUT)
            return tty_has(tty) > 0;
        if (error)
            return error;
    }
}

/* A call that will not wait for characters does not wait for another reader either. */
static int tty_lock_reading(struct tty *tty, const struct file *file)
{
    return file->flags & O_NONBLOCK ? mutex_take_now(&tty->reading)
                                    : mutex_take(&tty->reading);
}

/* Until there is enough for a read of `length`, or no more is waited for. `reading` is locked then:
 * what somebody else takes while it is waited for is not there any more. */
static int tty_read_begin(struct file *file, size_t length)
{
    struct tty *tty = file->data;

    for (;;) {
        long least = tty_wait(tty, file, length);
        int error = least < 0 ? (int)least : tty_lock_reading(tty, file);
        if (error)
            return error;
        tty->line_ended = false;
        if (least == 0 || tty_has(tty) >= least)
            return 0;
        mutex_leave(&tty->reading);
    }
}

static void tty_read_end(struct file *file)
{
    struct tty *tty = file->data;

    mutex_leave(&tty->reading);
}

/* One call's parts together get no more than one line. */
static long tty_read_part(struct file *file, void __user *buffer, size_t length,
                          uint64_t *position __attribute__((unused)))
{
    struct tty *tty = file->data;
    size_t done = 0;

    while (done < length && tty_has(tty) && !tty->line_ended) {
        char chunk[CHUNK];
        size_t left = length - done, part = left < CHUNK ? left : CHUNK;

        part = tty_take_out(tty, chunk, part);
        if (copy_to_user((char __user *)buffer + done, chunk, part))
            return done ? (long)done : -EFAULT;
        done += part;
    }
    return done;
}

static long tty_read(struct file *file, void __user *buffer, size_t length,
                     uint64_t *position)
{
    if (!length)
        return 0;
    long result = tty_read_begin(file, length);
    if (result)
        return result;
    result = tty_read_part(file, buffer, length, position);
    tty_read_end(file);
    return result;
}

static int tty_write_begin(struct file *file, size_t length __attribute__((unused)))
{
    struct tty *tty = file->data;
    int error = tty_local(tty, TOSTOP) ? tty_check_foreground(tty, SIGTTOU) : 0;

    return error ? error : mutex_take(&tty->writing);
}

static void tty_write_end(struct file *file)
{
    struct tty *tty = file->data;

    mutex_leave(&tty->writing);
}

static long tty_write_part(struct file *file, const void __user *buffer, size_t length,
                           uint64_t *position __attribute__((unused)))
{
    const struct tty *tty = file->data;
    size_t done = 0;

    while (done < length) {
        char chunk[CHUNK];
        size_t part = length - done < CHUNK ? length - done : CHUNK;
        size_t missed = file_fetch(chunk, (const char __user *)buffer + done, part);

        tty_put(tty, chunk, part - missed);
        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
    }
    return done;
}

static unsigned tty_ready(struct file *file)
{
    const struct tty *tty = file->data;

    return POLLOUT | (tty_has(tty) ? POLLIN : 0);
}

static struct listener **tty_listeners(struct file *file, bool room)
{
    struct tty *tty = file->data;

    return room ? NULL : &tty->listeners;
}

static struct news tty_news(struct file *file, bool writing)
{
    const struct tty *tty = file->data;

    return writing ? (struct news){0, 0} : tty->news;
}

const struct inode_operations tty_operations = {
    .open = tty_open,
    .read = tty_read,
    .read_begin = tty_read_begin,
    .read_part = tty_read_part,
    .read_end = tty_read_end,
    .write = file_write_whole,
    .fetches = true,
    .write_begin = tty_write_begin,
    .write_part = tty_write_part,
    .write_end = tty_write_end,
    .ready = tty_ready,
    .listeners = tty_listeners,
    .news = tty_news,
    .control = tty_control,
};
