/* kernel/terminal/tty_control.c - whose terminal it is, and how it is set.
 *
 * A session (a login) has one controlling terminal; one of its process groups (jobs) is in
 * the foreground and may read. A job in the background that tries is stopped, until the
 * shell brings it forward. */
#include "arch/user.h"
#include "kernel/process/process.h"
#include "kernel/terminal/tty.h"
#include "kernel/terminal/tty_input.h"
#include "lib/errno.h"

/* --- Sessions and jobs ------------------------------------------------------------------ */

int tty_check_foreground(const struct tty *tty, int signal)
{
    struct process *process = process_current();

    if (process->terminal != tty || !tty->foreground || process->group == tty->foreground)
        return 0;
    if (signal_ignored(process, signal) || (current->signals_blocked & SIGNAL_BIT(signal)))
        return signal == SIGTTIN ? -EIO : 0;
    if (process_group_orphaned(process->group))
        return -EIO;
    signal_group(process->group, signal);
    return -EINTR;
}

static void tty_take_from_session(int session)
{
    for (struct process *process = process_first; process; process = process->next)
        if (process->session == session)
            process->terminal = NULL;
}

int tty_acquire(struct tty *tty, bool steal)
{
    struct process *process = process_current();

    if (process->terminal == tty && tty->session == process->session)
        return 0;
    if (process->session != process->id || process->terminal)
        return -EPERM; /* only the leader of a session without a terminal */
    if (tty->session && !steal)
        return -EPERM;
    if (tty->session)
        tty_take_from_session(tty->session);
    tty->session = process->session;
    tty->foreground = process->group;
    process->terminal = tty;
    return 0;
}

void tty_leave(struct process *process)
{
    struct tty *tty = process->terminal;

    process->terminal = NULL;
    if (!tty || tty->session != process->id)
        return;
    if (tty->foreground) {
        signal_group(tty->foreground, SIGHUP);
        signal_group(tty->foreground, SIGCONT);
    }
    tty_take_from_session(tty->session);
    tty->session = tty->foreground = 0;
}

int tty_foreground(const struct tty *tty)
{
    return tty->foreground;
}

static int tty_set_foreground(struct tty *tty, int group)
{
    const struct process *process = process_current();

    if (process->terminal != tty || process->session != tty->session)
        return -ENOTTY;
    int error = tty_check_foreground(tty, SIGTTOU);
    if (error)
        return error;
    if (group <= 0)
        return -EINVAL;
    if (process_group_session(group) != tty->session)
        return -EPERM;
    tty->foreground = group;
    return 0;
}

/* --- Settings --------------------------------------------------------------------------- */

static int tty_set(struct tty *tty, unsigned command, const void __user *argument)
{
    struct linux_termios settings;
    int error = tty_check_foreground(tty, SIGTTOU);

    if (error)
        return error;
    if (copy_from_user(&settings, argument, sizeof(settings)))
        return -EFAULT;
    if (command == TCSETSF)
        tty_flush_input(tty);
    tty->settings = settings;
    if (!tty_local(tty, ICANON) && tty->committed != tty->end)
        tty_commit(tty); /* what was being edited can be read now */
    return 0;
}

void tty_resize(struct tty *tty, const struct linux_winsize *size)
{
    bool changed = size->rows != tty->size.rows || size->columns != tty->size.columns;

    tty->size = *size;
    if (changed && tty->foreground)
        signal_group(tty->foreground, SIGWINCH);
}

static int tty_set_size(struct tty *tty, const void __user *argument)
{
    struct linux_winsize size;

    if (copy_from_user(&size, argument, sizeof(size)))
        return -EFAULT;
    tty_resize(tty, &size);
    return 0;
}

/* Bytes that a read would give now. */
static int tty_input_length(const struct tty *tty)
{
    int length = 0;

    for (uint32_t i = tty->read; i != tty->committed; i++)
        length += !(tty->input[i % TTY_INPUT] & INPUT_FILE_END);
    return length;
}

static long give(void __user *to, const void *from, size_t length)
{
    return copy_to_user(to, from, length) ? -EFAULT : 0;
}

static long give_number(void __user *to, int number)
{
    return give(to, &number, sizeof(number));
}

/* Calls about the session are for those whose terminal it is. */
static long tty_control_session(struct tty *tty, unsigned command, uintptr_t argument)
{
    struct process *process = process_current();
    int group;

    if (command == TIOCSCTTY)
        return tty_acquire(tty, argument == 1);
    if (process->terminal != tty)
        return -ENOTTY;
    switch (command) {
    case TIOCGPGRP:
        return give_number((void __user *)argument, tty->foreground);
    case TIOCGSID:
        return give_number((void __user *)argument, tty->session);
    case TIOCSPGRP:
        if (copy_from_user(&group, (void __user *)argument, sizeof(group)))
            return -EFAULT;
        return tty_set_foreground(tty, group);
    default: /* TIOCNOTTY */
        tty_leave(process);
        return 0;
    }
}

long tty_control(struct file *file, unsigned command, uintptr_t argument)
{
    struct tty *tty = file->data;
    void __user *user = (void __user *)argument;

    struct linux_termios settings = tty->settings;
    struct linux_winsize size = tty->size;

    switch (command) {
    case TCGETS:
        return give(user, &settings, sizeof(settings));
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return tty_set(tty, command, user);
    case TIOCGWINSZ:
        return give(user, &size, sizeof(size));
    case TIOCSWINSZ:
        return tty_set_size(tty, user);
    case FIONREAD:
        return give_number(user, tty_input_length(tty));
    case TIOCOUTQ:
        return give_number(user, 0);
    case TCSBRK: /* wait until all is sent: it is as good as sent */
    case TCXONC:
        return 0;
    case TCFLSH:
        if (argument != 1) /* 0 input, 1 output, 2 both */
            tty_flush_input(tty);
        return 0;
    case TIOCSCTTY:
    case TIOCGPGRP:
    case TIOCSPGRP:
    case TIOCGSID:
    case TIOCNOTTY:
        return tty_control_session(tty, command, argument);
    default:
        return -ENOTTY;
    }
}
