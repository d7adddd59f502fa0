/* kernel/process/ids.c - numbers: which are free, and who has one.
 *
 * A process has the number of its first thread; the other threads' come from the same row. Who
 * asks for a number (kill, waitpid, /proc) is given whose it is in a few steps, by a hash of it:
 * numbers are given out in a row, so that the buckets fill evenly. */
#include "kernel/process/capacity.h"
#include "kernel/process/process.h"
#include "lib/errno.h"

#define BUCKETS 1024u

static struct process *processes_by_id[BUCKETS];
static struct thread *threads_by_id[BUCKETS];

int process_last_id;

/* --- Who has it ----------------------------------------------------------------------- */

static unsigned bucket(int id)
{
    return (unsigned)id % BUCKETS;
}

void ids_add(struct process *process)
{
    struct process **first = &processes_by_id[bucket(process->id)];
    process->of_number = *first;
    *first = process;
}

void ids_remove(struct process *process)
{
    struct process **at = &processes_by_id[bucket(process->id)];
    while (*at != process)
        at = &(*at)->of_number;
    *at = process->of_number;
}

void ids_add_thread(struct thread *thread)
{
    struct thread **first = &threads_by_id[bucket(thread->id)];
    thread->of_number = *first;
    *first = thread;
}

void ids_remove_thread(struct thread *thread)
{
    struct thread **at = &threads_by_id[bucket(thread->id)];
    while (*at != thread)
        at = &(*at)->of_number;
    *at = thread->of_number;
}

struct process *process_find(int pid)
{
    struct process *process = processes_by_id[bucket(pid)];
    while (process && process->id != pid)
        process = process->of_number;
    return process;
}

struct thread *thread_find(int id)
{
    struct thread *thread = threads_by_id[bucket(id)];
    while (thread && thread->id != id)
        thread = thread->of_number;
    return thread;
}

struct thread *process_thread(const struct process *process, int id)
{
    struct thread *thread = thread_find(id);
    return thread && thread->process == process ? thread : NULL;
}

struct process *process_of(int id)
{
    struct process *process = process_find(id);
    struct thread *thread = process ? NULL : thread_find(id);
    return thread ? thread->process : process;
}

int process_group_session(int group)
{
    const struct process *process = process_first;
    while (process && process->group != group)
        process = process->next;
    return process ? process->session : -ESRCH;
}

/* --- Which are free ------------------------------------------------------------------- */

/* A number that names no process, thread, group or session. */
static bool id_free(int id)
{
    if (process_find(id) || thread_find(id))
        return false;
    for (struct process *process = process_first; process; process = process->next)
        if (process->group == id || process->session == id)
            return false;
    return true;
}

static bool ids_wrapped;

int process_take_id(void)
{
    for (uint32_t tried = 0; tried < capacity.ids; tried++) {
        if (++process_last_id >= (int)capacity.ids) {
            ids_wrapped = true;
            process_last_id = 2;
        }
        if (!ids_wrapped || id_free(process_last_id))
            return process_last_id;
    }
    return 0;
}
