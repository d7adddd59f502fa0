/* kernel/terminal/tty.h - the terminal: lines that are typed and edited, whom they are
 * for, and what is written in answer. These are the room's parts, for each other. */
#ifndef KERNEL_TERMINAL_TTY_H
#define KERNEL_TERMINAL_TTY_H

#include "kernel/file/file.h"
#include "kernel/linux/file_types.h"

#define TTY_INPUT 4096u /* characters; POSIX's MAX_CANON is less */

/* What an input character may have beside its eight bits. */
#define INPUT_LINE_END 0x100u /* the last of a line: a read stops behind it */
#define INPUT_FILE_END 0x200u /* ^D: a read stops here; it is no character itself */

struct tty {
    struct linux_termios settings;
    struct linux_winsize size;
    int session, foreground; /* whose controlling terminal; the group that may read; or 0 */
    uint16_t input[TTY_INPUT]; /* a ring; the three below only grow, and wrap in use */
    uint32_t read;             /* next to be read */
    uint32_t committed;        /* up to here it can be read */
    uint32_t end; /* up to here it is typed; behind `committed` still editable */
    bool literal; /* ^V: the next character is taken as it is */
    struct mutex reading, writing; /* one call's input, and output, in one piece */
    bool line_ended;               /* whoever is reading has had its line */
    struct listener *listeners;    /* who is told by a signal that there is input */
    struct news news;
};

extern struct tty tty_console;
extern const struct inode_operations tty_operations;

/* Whether a flag is on, e.g. tty_local(tty, ECHO). */
static inline bool tty_local(const struct tty *tty, uint32_t flag)
{
    return tty->settings.local & flag;
}

/* One character has been typed. */
void tty_type(struct tty *tty, uint8_t character);
/* What was typed can be read now, up to its end. */
void tty_commit(struct tty *tty);
/* Forget what was typed and not read. */
void tty_flush_input(struct tty *tty);
/* Put bytes out as the settings say. */
void tty_put(const struct tty *tty, const char *bytes, size_t length);
/* May the current process do this? A background process gets `signal` (SIGTTIN, SIGTTOU) and
 * -EINTR, or -EIO where stopping it would help nobody. */
int tty_check_foreground(const struct tty *tty, int signal);
/* The window has this size now; the group in the foreground gets SIGWINCH if that is another. */
void tty_resize(struct tty *tty, const struct linux_winsize *size);
long tty_control(struct file *file, unsigned command, uintptr_t argument) SLEEPS;
/* Make it the controlling terminal of the current process's session. -EPERM. */
int tty_acquire(struct tty *tty, bool steal);

#endif
