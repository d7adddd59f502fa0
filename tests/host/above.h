/* tests/host/above.h - the kernel above mm/, played by the tests: scheduler and device.
 *
 * A request to the device may be done at once, or at any later step and in any order; until
 * then its frame holds junk. A sleep outside any thread (a plain unit test) lets requests
 * complete and other threads run until it is woken. */
#ifndef HOST_ABOVE_H
#define HOST_ABOVE_H

#include "mm/above.h"
#include "tests/host/thread.h"

/* The one device: `host_device_length` bytes of noise. */
extern struct block_device host_device;
#define HOST_DEVICE_LENGTH (1ul << 20)
extern uint8_t host_device_bytes[HOST_DEVICE_LENGTH];

/* How the device behaves: of 100 requests, how many are done at once; how many fail. */
extern unsigned host_device_instant, host_device_failing;
extern uint64_t host_device_requests, host_device_errors;

unsigned host_device_pending(void);
/* End one pending request, any of them; false: there is none. */
bool host_device_complete_one(void);

/* One step of the scheduler: a thread that is ready runs, or a request completes. False:
 * there are neither threads nor requests. */
bool host_step(void);

/* The last line of above_message, and how many there were. */
extern char host_message[256];
extern unsigned host_messages;
/* Gets each line as well, if set. */
extern void (*host_message_hook)(const char *line);
extern bool host_verbose;

/* The last space that above_kill was told to end. */
extern struct space *host_killed;
extern unsigned host_kills;

/* Trace records go here when trace_on; NULL: nowhere. */
struct trace_record;
extern void (*host_trace)(const struct trace_record *record);

#endif
