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
static size_t tty_take_out(struct tty *tty, char *buffer, size_t length, bool *line_ended)
{
    size_t done = 0;

    *line_ended = false;
    while (done < length && tty->read != tty->committed && !*line_ended) {
        uint16_t character = tty->input[tty->read++ % TTY_INPUT];

        if (!(character & INPUT_FILE_END))
            buffer[done++] = character;
        *line_ended = character & INPUT_LINE_END;
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

/* Sleep until there is enough to read. 0: there is, or the time is over. */
static int tty_wait(struct tty *tty, const struct file *file, size_t length)
{
    for (;;) {
        uint32_t have = tty->committed - tty->read;
        uint32_t want = tty_local(tty, ICANON) ? 1 : tty->settings.character[VMIN];
        uint64_t deadline = tty_deadline(tty);

        if (have && (have >= want || have >= length))
            return 0;
        int error = tty_check_foreground(tty, SIGTTIN);
        if (error)
            return error;
        if (!deadline)
            return 0;
        if (file->flags & O_NONBLOCK)
            return have ? 0 : -EAGAIN;
        error = thread_sleep(tty, SLEEP_INTERRUPTIBLE, deadline);
        if (error == -ETIMEDOUT)
            return 0;
        if (error)
            return error;
    }
}

static bool tty_has_input(const struct tty *tty)
{
    return tty->read != tty->committed;
}

/* `reading` is locked. */
static long tty_copy_out(struct tty *tty, void __user *buffer, size_t length)
{
    bool line_ended = false;
    size_t done = 0;

    while (done < length && tty_has_input(tty) && !line_ended) {
        char chunk[CHUNK];
        size_t left = length - done;
        size_t part = tty_take_out(tty, chunk, left < CHUNK ? left : CHUNK, &line_ended);

        if (copy_to_user((char __user *)buffer + done, chunk, part))
            return done ? (long)done : -EFAULT;
        done += part;
    }
    return done;
}

static long tty_read(struct file *file, void __user *buffer, size_t length,
                     uint64_t *position __attribute__((unused)))
{
    struct tty *tty = file->data;

    if (!length)
        return 0;
    for (;;) {
        long result = tty_check_foreground(tty, SIGTTIN);
        if (!result)
            result = tty_wait(tty, file, length);
        if (result || !tty_has_input(tty))
            return result;
        result = mutex_lock(&tty->reading);
        if (result)
            return result;
        bool still = tty_has_input(tty); /* or somebody else took it meanwhile */
        if (still)
            result = tty_copy_out(tty, buffer, length);
        mutex_unlock(&tty->reading);
        if (still)
            return result;
    }
}

static int tty_write_begin(struct file *file,
                           size_t length __attribute__((unused))) NO_ANALYSIS
{
    struct tty *tty = file->data;
    int error = tty_local(tty, TOSTOP) ? tty_check_foreground(tty, SIGTTOU) : 0;

    return error ? error : mutex_lock(&tty->writing);
}

static void tty_write_end(struct file *file) NO_ANALYSIS
{
    struct tty *tty = file->data;

    mutex_unlock(&tty->writing);
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

    return POLLOUT | (tty_has_input(tty) ? POLLIN : 0);
}

const struct inode_operations tty_operations = {
    .open = tty_open,
    .read = tty_read,
    .write = file_write_whole,
    .fetches = true,
    .write_begin = tty_write_begin,
    .write_part = tty_write_part,
    .write_end = tty_write_end,
    .ready = tty_ready,
    .control = tty_control,
};
