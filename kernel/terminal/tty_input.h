/* kernel/terminal/tty_input.h - what the rest of the kernel tells the terminal. */
#ifndef KERNEL_TERMINAL_TTY_INPUT_H
#define KERNEL_TERMINAL_TTY_INPUT_H

#include "arch/types.h"

struct process;
struct tty;

/* VECTOR_SERIAL came: take what was typed, send what waits. */
void tty_interrupt(void);
/* `process` ends or leaves its session's terminal. If it leads the session, the whole session
 * loses the terminal, and its foreground group gets SIGHUP and SIGCONT. */
void tty_leave(struct process *process);
/* The group that may read, or 0. */
int tty_foreground(const struct tty *tty);
/* Write what programs write as it is, without making "\r\n" of "\n": the console goes to a
 * host that wants the bytes (a job), not to a person. */
void tty_set_raw(bool raw);

#endif
