/* tests/host/above.h - the kernel above mm/, played by the tests: its scheduler.
 *
 * A sleep outside any thread (a plain unit test) lets requests to devices complete and other
 * threads run until it is woken. */
#ifndef HOST_ABOVE_H
#define HOST_ABOVE_H

#include "mm/above.h"
#include "tests/host/device.h"
#include "tests/host/thread.h"

/* One step of the scheduler: a thread that is ready runs, or a request completes. False:
 * there are neither threads nor requests. */
bool host_step(void);

/* Called when a thread has given up the processor, if set. */
struct thread;
extern void (*host_switch_hook)(struct thread *thread);

/* Called when a thread has gone to sleep within mm/, if set; it may do whatever other threads
 * may, but not sleep. */
extern void (*host_sleep_hook)(void);
/* 0: a thread that does something long gives others their turn, whenever the dice say so. */
extern unsigned host_turns_kept;
extern uint64_t host_turns; /* how often */

/* The paging daemon gets a thread. */
void host_daemon_start(void);
/* Let it run, and the devices end its requests, until it has nothing to do. */
void host_daemon_run(void);

/* The last line of above_message, and how many there were. */
extern char host_message[256];
extern unsigned host_messages;
/* Gets each line as well, if set. */
extern void (*host_message_hook)(const char *line);
extern bool host_verbose;

/* The last space that above_kill was told to end. */
extern struct space *host_killed;
extern unsigned host_kills;

/* The last page of a watched group that went. */
extern uintptr_t host_evicted;
extern unsigned host_evictions;

/* Trace records go here when trace_on; NULL: nowhere. */
struct trace_record;
extern void (*host_trace)(const struct trace_record *record);

#endif
