/* kernel/above.c - what memory management asks of the kernel (mm/above.h): sleep, time, words, and
 * an end for whoever holds too much. */
#include "arch/kernel_lock.h"
#include "mm/mm.h"

#include "kernel/file/shared_memory.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"

static void assert_joined(void)
{
    ASSERT(!several_processors() || processor_joined());
}

/* Threads that wait for frames may wake each other without one of them getting back to user
 * code, or the processor becoming idle: the interrupt that ends a write, which all of them
 * wait for, is let in here. */
static int sleep_unlocked(const void *channel, enum sleep_kind kind) REQUIRES(mm)
{
    assert_joined();
    mm_unlock();
    int reason = thread_sleep(channel, kind, UINT64_MAX);
    cpu_poll_interrupts();
    mm_lock();
    return reason;
}

void above_sleep(const void *channel)
{
    sleep_unlocked(channel, SLEEP_ALWAYS);
}

bool above_sleep_killable(const void *channel)
{
    return sleep_unlocked(channel, SLEEP_KILLABLE) == 0;
}

bool above_turn_over(void)
{
    assert_joined();
    mm_unlock();
    cpu_poll_interrupts();
    mm_lock();
    if (several_processors() && processor_wanted())
        return true;
    return thread_turn_over(time_now());
}

void above_pass(void)
{
    mm_unlock();
    thread_yield();
    mm_lock();
}

void above_wake(const void *channel)
{
    assert_joined();
    thread_wake(channel);
}

bool above_dying(void)
{
    return signal_fatal(current);
}

void above_message(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line_list(format, arguments);
    va_end(arguments);
}

void above_kill(struct space *victim)
{
    assert_joined();
    for (struct process *process = process_first; process; process = process->next)
        if (process->space == victim)
            signal_kill(process);
}

uint32_t above_shrink(void)
{
    return thread_stacks_shrink();
}

void above_indebted(void)
{
    if (current->process)
        thread_set_work(current);
}

void above_disown(struct account *account)
{
    segments_disown(account);
}

const char *above_space_name(const struct space *space, int *pid)
{
    for (struct process *process = process_first; process; process = process->next) {
        if (process->space == space) {
            *pid = process->id;
            return process->name;
        }
    }
    *pid = 0;
    return "?";
}
