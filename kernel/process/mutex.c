/* kernel/process/mutex.c - waiting for a mutex, and handing it on. */
#include "kernel/process/mutex.h"

#include "kernel/process/thread.h"

/* A thread that is woken without an error has been made the owner. */
int mutex_wait(struct mutex *mutex)
{
    ASSERT(!mutex_is_mine(mutex));
    mutex->waiters++;
    int error = thread_sleep(mutex, SLEEP_KILLABLE, UINT64_MAX);
    mutex->waiters--;
    return error;
}

void mutex_hand_over(struct mutex *mutex)
{
    mutex->owner = thread_wake_first(mutex);
}
