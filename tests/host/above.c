/* tests/host/above.c - sleeping, waking, killing, and a device.  See above.h. */
#include "tests/host/above.h"

#include "mm/fault.h"
#include "mm/lock.h"
#include "mm/trace.h"
#include "tests/host/choice.h"
#include "tests/host/machine.h"

#include <sanitizer/common_interface_defs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char host_message[256];
unsigned host_messages;
void (*host_message_hook)(const char *line);
bool host_verbose;
struct space *host_killed;
unsigned host_kills;
void (*host_trace)(const struct trace_record *record);
void (*host_fail_hook)(void);

/* --- The end ------------------------------------------------------------------------ */

static jmp_buf *fail_catch;

/* For tests that break a rule on purpose. */
bool host_fails(void (*run)(void))
{
    jmp_buf here;
    bool failed = true;
    bool held = mm_lock_held;
    fail_catch = &here;
    if (setjmp(here) == 0) {
        run();
        failed = false;
    }
    fail_catch = NULL;
    mm_lock_held = held;
    return failed;
}

static _Noreturn void fail(const char *kind, const char *text, va_list arguments)
{
    if (fail_catch) {
        vsnprintf(host_message, sizeof(host_message), text, arguments);
        longjmp(*fail_catch, 1);
    }
    fflush(stdout);
    fprintf(stderr, "\n%s: ", kind);
    vfprintf(stderr, text, arguments);
    fprintf(stderr, "\n");
    __sanitizer_print_stack_trace();
    if (host_fail_hook)
        host_fail_hook();
    abort();
}

void host_fail(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    fail("FAILED", text, arguments);
}

void panic(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    fail("PANIC", text, arguments);
}

/* --- Sleeping ----------------------------------------------------------------------- */

static bool channel_woken; /* of a sleep outside all threads */
static const void *channel_main;

static void sleep_outside(const void *channel)
{
    channel_main = channel;
    channel_woken = false;
    while (!channel_woken)
        if (!host_step())
            host_fail("asleep on %p, and nobody is left who could wake it", channel);
    channel_main = NULL;
}

static bool sleep_on(const void *channel, bool killable)
{
    mm_assert_locked();
    mm_lock_held = false;
    struct thread *self = thread_current;
    if (self == NULL) {
        frame_t root = root_loaded();
        sleep_outside(channel);
        root_load(root);
    } else if (!(killable && self->dying)) {
        self->channel = channel;
        self->killable = killable;
        self->state = THREAD_ASLEEP;
        thread_switch_away();
    }
    if (mm_lock_held)
        host_fail("woken while somebody holds the mm lock");
    mm_lock_held = true;
    return !killable || self == NULL || !self->dying;
}

void above_sleep(const void *channel)
{
    sleep_on(channel, false);
}

bool above_sleep_killable(const void *channel)
{
    return sleep_on(channel, true);
}

void above_wake(const void *channel)
{
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (threads[i].state == THREAD_ASLEEP && threads[i].channel == channel)
            threads[i].state = THREAD_READY;
    if (channel == channel_main)
        channel_woken = true;
}

bool above_dying(void)
{
    return thread_current != NULL && thread_current->dying;
}

void above_kill(struct space *victim)
{
    host_killed = victim;
    host_kills++;
    for (unsigned i = 0; i < THREADS_MAX; i++) {
        struct thread *thread = &threads[i];
        if (thread->state == THREAD_NONE || thread->space != victim)
            continue;
        thread->dying = true;
        if (thread->state == THREAD_ASLEEP && thread->killable)
            thread->state = THREAD_READY;
    }
}

/* --- The scheduler ------------------------------------------------------------------ */

static struct thread *thread_pick(void)
{
    struct thread *ready[THREADS_MAX];
    uint32_t count = 0;
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (threads[i].state == THREAD_READY)
            ready[count++] = &threads[i];
    return count ? ready[choose(count)] : NULL;
}

/* Now and then somebody wakes for no reason: whoever sleeps must look again. */
static void wake_spuriously(void)
{
    struct thread *thread = &threads[machine_dice(THREADS_MAX)];
    if (thread->state == THREAD_ASLEEP)
        thread->state = THREAD_READY;
}

static void thread_go(struct thread *thread)
{
    if (thread->space != NULL && !frame_same(thread->space->root, root_loaded()))
        space_load(thread->space);
    thread_resume(thread);
    if (mm_lock_held)
        host_fail("thread %u gave up the processor with the mm lock held", thread->number);
}

bool host_step(void)
{
    if (machine_mood == MACHINE_RANDOM && machine_dice(64) == 0)
        wake_spuriously();
    struct thread *thread = thread_pick();
    if (host_device_pending() && (thread == NULL || choose_one_in(4)))
        return host_device_complete_one();
    if (thread != NULL)
        thread_go(thread);
    else if (threads_alive() > 0 && channel_main == NULL)
        host_fail("all threads sleep, and no request is pending");
    return thread != NULL;
}

/* --- The device --------------------------------------------------------------------- */

struct block_device {
    const char *name;
};
struct block_device host_device = {"noise"};
uint8_t host_device_bytes[HOST_DEVICE_LENGTH];
unsigned host_device_instant = 100, host_device_failing;
uint64_t host_device_requests, host_device_errors;

static struct block_request *pending;
static unsigned pending_count;

__attribute__((constructor)) static void device_fill(void)
{
    for (size_t i = 0; i < HOST_DEVICE_LENGTH; i += sizeof(uint64_t)) {
        uint64_t word = noise(i);
        memcpy(&host_device_bytes[i], &word, sizeof(word));
    }
}

static void request_end(struct block_request *request)
{
    uint8_t state = frame_get(request->frame)->state;
    if (state != FRAME_BUSY || frame_get(request->frame)->pins == 0)
        host_fail("a device transfers to frame %u, state %d, pins %u",
                  request->frame.number, state, frame_get(request->frame)->pins);
    request->error = 0;
    if (machine_dice(100) < host_device_failing) {
        request->error = -5; /* EIO */
        host_device_errors++;
    } else {
        memcpy(frame_data(request->frame), &host_device_bytes[request->position],
               request->length);
    }
    request->done(request);
    if (!request->complete)
        host_fail("a request was done, and its submitter does not say so");
}

void block_submit(struct block_request *request)
{
    if (request->device != &host_device || request->length == 0 ||
        request->length > PAGE_SIZE ||
        request->position + request->length > HOST_DEVICE_LENGTH)
        host_fail("a request for %u bytes at %lu of the device", request->length,
                  request->position);
    host_device_requests++;
    request->complete = false;
    memset(frame_data(request->frame), 0xee, request->length);
    if (machine_dice(100) < host_device_instant) {
        request_end(request);
        return;
    }
    request->next = pending;
    pending = request;
    pending_count++;
}

const void *block_peek(const struct block_device *device, uint64_t position)
{
    (void)device;
    return &host_device_bytes[position];
}

unsigned host_device_pending(void)
{
    return pending_count;
}

bool host_device_complete_one(void)
{
    if (pending_count == 0)
        return false;
    struct block_request **link = &pending;
    for (uint32_t i = choose(pending_count); i > 0; i--)
        link = &(*link)->next;
    struct block_request *request = *link;
    *link = request->next;
    pending_count--;
    request_end(request);
    return true;
}

/* --- Words -------------------------------------------------------------------------- */

uint64_t above_time(void)
{
    static uint64_t time;
    return ++time;
}

void above_message(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(host_message, sizeof(host_message), text, arguments);
    va_end(arguments);
    host_messages++;
    if (host_message_hook)
        host_message_hook(host_message);
    if (host_verbose)
        fprintf(stderr, "        %s\n", host_message);
}

const char *above_space_name(const struct space *space, int *pid)
{
    *pid = (int)space->id;
    return "thread";
}

void above_trace(struct trace_record *record)
{
    record->time = above_time();
    if (host_trace)
        host_trace(record);
}
