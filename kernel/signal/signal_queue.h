/* kernel/signal/signal_queue.h - signals that wait, with what siginfo will tell of them.
 *
 * A thread, and a process as a whole, has a set of pending signals, a bit each, and a list of
 * what is known of them, in the order they came. Below SIGNAL_REALTIME a signal waits once;
 * above, each sending has its entry. Entries are bounded (RLIMIT_SIGPENDING): what finds no
 * room, or no memory, is pending all the same, and tells nothing. */
#ifndef KERNEL_SIGNAL_SIGNAL_QUEUE_H
#define KERNEL_SIGNAL_SIGNAL_QUEUE_H

#include "kernel/signal/signal.h"

/* Make it pending. */
void signal_queue_add(const struct process *process, uint64_t *pending,
                      struct signal_entry **list, const struct signal_info *info);
/* Take the first of that signal, which is pending. */
void signal_queue_take(struct process *process, uint64_t *pending,
                       struct signal_entry **list, int signal, struct signal_info *info);
/* Forget what is known of signals of `set`. */
void signal_queue_discard(struct signal_entry **list, uint64_t set);

#endif
