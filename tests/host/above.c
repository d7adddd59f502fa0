/* tests/host/above.c - sleeping, waking, killing.  See above.h. */
#include "tests/host/above.h"

#include "mm/above.h"
#include "mm/address_spaces/space.h"
#include "mm/demand_paging/fault.h"
#include "mm/frame_allocation/group.h"
#include "mm/frames/account.h"
#include "mm/lock.h"
#include "mm/replacement/pageout.h"
#include "mm/trace.h"
#include "mm/view.h"
#include "tests/host/choice.h"
#include "tests/host/machine.h"
#include "tests/host/processors.h"

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
uintptr_t host_evicted;
unsigned host_evictions;
void (*host_trace)(const struct trace_record *record);
void (*host_fail_hook)(void);
void (*host_switch_hook)(struct thread *thread);
void (*host_sleep_hook)(void);
unsigned host_turns_kept = 1;
uint64_t host_turns;

/* --- The end ------------------------------------------------------------------------ */

static jmp_buf *fail_catch;

/* For tests that break a rule on purpose. */
bool host_fails(void (*run)(void))
{
    jmp_buf here;
    bool failed = true;
    bool held = mm.held;
    fail_catch = &here;
    if (setjmp(here) == 0) {
        run();
        failed = false;
    }
    fail_catch = NULL;
    mm.held = held;
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

void refuse(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    fail("REFUSED", text, arguments);
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

static void give_up(void)
{
    if (processor_count > 1)
        processors_give_up();
    else
        thread_switch_away();
}

static bool sleep_on(const void *channel, bool killable)
{
    mm_assert_locked();
    struct thread *self = thread_current;
    bool stays = killable && self != NULL && self->dying;
    if (self != NULL && !stays) { /* before others can wake it */
        self->channel = channel;
        self->killable = killable;
        self->state = THREAD_ASLEEP;
    }
    mm_unlock();
    if (self == NULL) {
        frame_t root = root_loaded();
        sleep_outside(channel);
        root_load(root);
    } else if (!stays) {
        if (host_sleep_hook)
            host_sleep_hook();
        give_up();
    }
    if (processors_hold_mm())
        host_fail("woken while somebody holds the mm lock");
    mm_lock();
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

/* Outside all threads there is nobody to wait. */
bool above_turn_over(void)
{
    mm_assert_locked();
    return host_turns_kept == 0 && thread_current != NULL && choose_one_in(4);
}

void above_pass(void)
{
    mm_assert_locked();
    mm_unlock();
    host_turns++;
    if (host_sleep_hook)
        host_sleep_hook();
    thread_yield();
    if (processors_hold_mm())
        host_fail("its turn again while somebody holds the mm lock");
    mm_lock();
}

void above_wake(const void *channel)
{
    for (unsigned i = 0; i <= THREADS_MAX; i++)
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

uint32_t above_shrink(void)
{
    return 0;
}

void above_indebted(void)
{
}

void above_disown(struct account *account)
{
    (void)account;
}

/* --- The scheduler ------------------------------------------------------------------ */

static struct thread *thread_pick(void)
{
    struct thread *ready[THREADS_MAX + 1];
    uint32_t count = 0;
    for (unsigned i = 0; i <= THREADS_MAX; i++)
        if (threads[i].state == THREAD_READY)
            ready[count++] = &threads[i];
    return count ? ready[choose(count)] : NULL;
}

/* Now and then somebody wakes for no reason: whoever sleeps must look again. */
static void wake_spuriously(void)
{
    struct thread *thread = &threads[machine_dice(THREADS_MAX + 1)];
    if (thread->state == THREAD_ASLEEP)
        thread->state = THREAD_READY;
}

static void thread_go(struct thread *thread)
{
    if (thread->space != NULL && !frame_same(thread->space->table.root, root_loaded()))
        space_load(thread->space);
    thread_resume(thread);
    if (host_switch_hook)
        host_switch_hook(thread);
    if (mm.held)
        host_fail("thread %u gave up the processor with the mm lock held", thread->number);
}

bool host_step(void)
{
    if (machine_mood == MACHINE_RANDOM && machine_dice(64) == 0)
        wake_spuriously();
    if (processor_count > 1)
        return processors_step();
    struct thread *thread = thread_pick();
    if (host_device_pending() && (thread == NULL || choose_one_in(4)))
        return host_device_complete_one();
    if (thread != NULL)
        thread_go(thread);
    else if (threads_alive() > 0 && channel_main == NULL)
        host_fail("all threads sleep, and no request is pending");
    return thread != NULL;
}

/* --- The daemon ---------------------------------------------------------------------- */

static void daemon_thread(struct thread *self)
{
    (void)self;
    pageoutd();
}

void host_daemon_start(void)
{
    thread_daemon(THREAD_DAEMON, daemon_thread);
    host_daemon_run();
}

void host_daemon_run(void)
{
    do {
        if (threads[THREAD_DAEMON].state == THREAD_READY)
            thread_go(&threads[THREAD_DAEMON]);
    } while (threads[THREAD_DAEMON].state == THREAD_READY || host_device_complete_one());
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

void above_evicting(unsigned group, page_t page)
{
    if (!groups[group].watched)
        host_fail("group %u is not watched", group);
    host_evicted = view_address(page);
}

void above_evicted(unsigned group)
{
    if (!groups[group].watched)
        host_fail("group %u is not watched", group);
    host_evictions++;
}

void above_trace(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                 frame_t frame, uint64_t detail)
{
    struct trace_record record = {above_time(), event,   space,       address,
                                  detail,       page.id, frame.number};
    if (host_trace)
        host_trace(&record);
}

void above_trace_object(const struct object *object)
{
    (void)object;
}
