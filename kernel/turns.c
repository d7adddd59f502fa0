/* turns.c - whose turn it is: programs first, threads second.
 *
 * If all threads that could run waited in one queue, a program that makes a thousand would have
 * a thousand turns to another's one. So the processor goes round among programs, each what
 * descends by fork from one exec (account.h), and what one gets goes round among its threads
 * ("fair share" scheduling; Linux's autogroups):
 *
 *     turns_row:   A ---> B ---> C        A has the turn: a1 runs. Then B has it, and C,
 *                  |      |      |        and A again, in which a2 runs.
 *                  a2     b1     c1
 *                  a3
 *
 * A turn is one slice of time, whichever of the program's threads it takes to use it: when one
 * sleeps, the next goes on. It ends with the slice, when a thread gives it up (sched_yield), or
 * when the program has nobody left to run. A program that wakes stands at the end of the row:
 * it waits for one slice of each other at most, and nobody gains time by having slept.
 *
 * Before all of them come the urgent threads, as one program that is first in the row whenever
 * one of them could run: load control, and those with a real-time priority, the highest first. Of
 * equal ones each has a slice (SCHED_RR), or the first runs until it sleeps or yields
 * (SCHED_FIFO); nobody else has a turn meanwhile.
 *
 * In a row of one there is nobody to be fair to: each of its threads has a slice of its own,
 * plain round robin. Whatever happens here takes a few steps, however many wait. */
#include "kernel/turns.h"

#include "kernel/thread.h"
#include "mm/mm.h"

struct account *turns_row;
uint64_t turns_end = UINT64_MAX;

static struct account *row_last;
static uint64_t turn = 1;     /* its number; whose last it is has it, and stands first */
static struct account urgent; /* the program of all urgent threads */

/* What stands in an account for us. */
struct program {
    struct thread *first, *last; /* its threads that wait for the processor */
    struct account *next;        /* the next program of which somebody waits */
    uint64_t turn;               /* the number of the last turn it had */
};
_Static_assert(sizeof(struct program) <= ACCOUNT_ABOVE * sizeof(uint64_t),
               "an account has room");

static inline struct program *program(struct account *account)
{
    return (struct program *)account->above;
}

/* --- The row ------------------------------------------------------------------------------ */

static void row_append(struct account *account)
{
    *(turns_row ? &program(row_last)->next : &turns_row) = account;
    row_last = account;
}

static void row_push(struct account *account)
{
    if (!turns_row)
        row_last = account;
    program(account)->next = turns_row;
    turns_row = account;
}

/* The first leaves. */
static void row_shorten(void)
{
    struct account *account = turns_row;
    turns_row = program(account)->next;
    program(account)->next = NULL;
}

void turns_pass(void)
{
    struct account *account = turns_row;
    if (account && program(account)->turn == turn && account != &urgent) {
        row_shorten();
        row_append(account);
    }
    turn++;
}

/* --- Who waits ---------------------------------------------------------------------------- */

/* The first that waits at all: from now on the slice of the one that runs is measured. */
static void first_add(struct account *account, struct thread *thread)
{
    program(account)->first = program(account)->last = thread;
    turns_row = row_last = account;
    if (thread_is_idle(current))
        return;
    turns_end = cpu_times_mark + SLICE_NS;
    timer_want(turns_end);
}

/* Where an urgent thread waits: behind its equals, but for one that has to go on without having
 * slept or yielded. */
static struct thread **urgent_place(const struct thread *thread)
{
    bool goes_on = thread == current &&
                   (thread->policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO &&
                   turns_over(time_now());
    unsigned before = thread->urgent + (goes_on ? 1u : 0u);
    struct thread **at = &program(&urgent)->first;
    while (*at && (*at)->urgent >= before)
        at = &(*at)->next;
    return at;
}

/* If the one that runs is less urgent, its slice is over. */
static __attribute__((noinline)) void urgent_add(struct thread *thread)
{
    bool at_once = current->urgent < thread->urgent;
    if (at_once)
        turns_pass();
    if (!program(&urgent)->first)
        row_push(&urgent);
    struct thread **at = urgent_place(thread);
    thread->next = *at;
    *at = thread;
    uint64_t end = cpu_times_mark + (at_once ? 0 : SLICE_NS);
    if (thread_is_idle(current) || end >= turns_end)
        return;
    turns_end = end;
    timer_want(turns_end);
}

/* The first of its program's that waits. */
static void program_add(struct account *account, struct thread *thread)
{
    program(account)->first = program(account)->last = thread;
    if (program(account)->turn == turn)
        row_push(account);
    else
        row_append(account);
}

void turns_add(struct thread *thread)
{
    struct account *account = thread->account;
    thread->next = NULL;
    if (__builtin_expect(thread->urgent, false)) {
        urgent_add(thread);
    } else if (!turns_row) {
        first_add(account, thread);
    } else if (!program(account)->first) {
        program_add(account, thread);
    } else {
        program(account)->last->next = thread;
        program(account)->last = thread;
    }
}

/* --- Who is next -------------------------------------------------------------------------- */

struct thread *turns_next(uint64_t now)
{
    struct account *account = turns_row;
    if (__builtin_expect(!account, false)) {
        turn++;
        return NULL;
    }
    struct thread *thread = program(account)->first;
    bool begins = !program(account)->next;
    if (program(account)->turn != turn) {
        program(account)->turn = ++turn;
        begins = true;
    }
    program(account)->first = thread->next;
    if (!program(account)->first)
        row_shorten();
    if (!turns_row)
        turns_end = UINT64_MAX;
    else if (begins)
        turns_end = now + SLICE_NS;
    return thread;
}
