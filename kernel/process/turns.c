/* kernel/process/turns.c - whose turn it is: programs first, threads second.
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
 * (SCHED_FIFO); nobody else has a turn meanwhile, while they have any of their budget left
 * (real-time throttling): what it takes to run for URGENT_BUDGET_NS, refilled whenever they do
 * not run, so that a period is enough for both. Once it is spent they rest: each other who
 * could run does so before them, until it is full again. Load control has no budget.
 *
 * In a row of one there is nobody to be fair to: each of its threads has a slice of its own,
 * plain round robin. Whatever happens here takes a few steps, however many wait.
 *
 * Several processors have one row. Whose turn it is, until when, and what the urgent may take is
 * each one's own; which of them runs a thread: placement.c. Where threads are bound to some, who
 * is next is looked for, and that takes as many steps as there are that wait. */
#include "kernel/process/turns.h"

#include "arch/detour.h"
#include "kernel/process/placement.h"
#include "kernel/process/thread.h"
#include "mm/mm.h"

struct spinlock scheduler;

struct account *turns_row;

static struct account *row_last GUARDED_BY(scheduler);
/* The program of all urgent threads. */
static struct account urgent GUARDED_BY(scheduler);
static bool urgent_limited = true;

/* Of this processor. */
#define here (this_processor->turns)

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

static void row_append(struct account *account) REQUIRES(scheduler)
{
    *(turns_row ? &program(row_last)->next : &turns_row) = account;
    row_last = account;
}

static void row_push(struct account *account) REQUIRES(scheduler)
{
    if (!turns_row)
        row_last = account;
    program(account)->next = turns_row;
    turns_row = account;
}

/* The first leaves. */
static void row_shorten(void) REQUIRES(scheduler)
{
    struct account *account = turns_row;
    turns_row = program(account)->next;
    program(account)->next = NULL;
}

void turns_pass(void)
{
    struct account *account = turns_row;
    if (account && program(account)->turn == here.number) {
        row_shorten();
        row_append(account);
    }
    here.number += PROCESSORS_MOST;
}

/* --- What the urgent may take -------------------------------------------------------------- */

#define REFILL (URGENT_BUDGET_NS / (URGENT_PERIOD_NS - URGENT_BUDGET_NS))

static uint64_t least(uint64_t one, uint64_t other)
{
    return one < other ? one : other;
}

static bool has_budget(const struct thread *thread)
{
    return thread->urgent && thread->urgent < URGENT_MOST && urgent_limited;
}

/* Whoever has had the processor since the mark, it is another one from now on. */
static void budget_settle(uint64_t now, bool runs) REQUIRES(scheduler)
{
    uint64_t passed = now - here.budget_mark;
    if (here.urgent_runs)
        here.budget -= least(here.budget, passed);
    else
        here.budget = least(here.budget + REFILL * passed, URGENT_BUDGET_NS);
    if (here.budget == 0 || here.budget == URGENT_BUDGET_NS)
        here.urgent_rest = here.budget == 0;
    here.budget_mark = now;
    here.urgent_runs = runs;
    here.first_slice = runs ? 0 : SLICE_NS;
}

/* How long others may run until the budget is full. */
static uint64_t rest_length(void) REQUIRES(scheduler)
{
    return (URGENT_BUDGET_NS - here.budget + REFILL - 1) / REFILL;
}

void turns_begin(void)
{
    spin_lock(&scheduler);
    here = (struct turns){.end = UINT64_MAX,
                          .number = this_processor->number + 1,
                          .first_slice = SLICE_NS,
                          .budget = URGENT_BUDGET_NS};
    spin_unlock(&scheduler);
}

void turns_limit_urgent(bool limited)
{
    spin_lock(&scheduler);
    urgent_limited = limited;
    budget_settle(account_time(), has_budget(current));
    here.budget = URGENT_BUDGET_NS;
    here.urgent_rest = false;
    spin_unlock(&scheduler);
}

bool turns_urgent_limited(void)
{
    return urgent_limited;
}

void turns_urge(struct thread *thread, uint8_t level)
{
    spin_lock(&scheduler);
    if (!thread->urgent)
        thread_rest(thread);
    thread->urgent = level;
    if (thread == current)
        budget_settle(account_time(), has_budget(thread));
    spin_unlock(&scheduler);
}

/* The first two change places. */
static void row_swap(void) REQUIRES(scheduler)
{
    struct account *first = turns_row;
    struct account *second = program(first)->next;
    row_shorten();
    program(first)->next = program(second)->next;
    program(second)->next = first;
    if (row_last == second)
        row_last = first;
}

/* They stand first in the row. While they rest that is behind whose turn it is. */
static void urgent_push(void) REQUIRES(scheduler)
{
    row_push(&urgent);
    struct account *second = program(&urgent)->next;
    if (here.urgent_rest && second && program(second)->turn == here.number)
        row_swap();
}

/* They stood first: so does the next program now, if they rest. How long is the turn? */
static uint64_t urgent_turn(void) REQUIRES(scheduler)
{
    if (!has_budget(program(&urgent)->first) || !program(&urgent)->next)
        return SLICE_NS;
    if (!here.urgent_rest)
        return least(here.budget, SLICE_NS);
    row_swap();
    return least(rest_length(), SLICE_NS);
}

/* --- Who waits ---------------------------------------------------------------------------- */

/* The first that waits at all: from now on the slice of the one that runs is measured. */
static inline __attribute__((always_inline)) void first_add(struct account *account,
                                                            struct thread *thread)
    REQUIRES(scheduler)
{
    program(account)->first = program(account)->last = thread;
    turns_row = row_last = account;
    if (current == this_processor->idle)
        return;
    here.end = account_time() + here.first_slice;
    timer_want(here.end);
}

/* Where an urgent thread waits: behind its equals, but for one that has to go on without having
 * slept or yielded. */
static struct thread **urgent_place(const struct thread *thread) REQUIRES(scheduler)
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

/* How long the one that runs does so when this one has come: no longer if it is less urgent,
 * but for the rest. */
static uint64_t urgent_wait(const struct thread *thread) REQUIRES(scheduler)
{
    budget_settle(account_time(), here.urgent_runs);
    if (current->urgent >= thread->urgent)
        return SLICE_NS;
    bool waits = here.urgent_rest && has_budget(thread) && !current->urgent;
    return waits ? rest_length() : 0;
}

static __attribute__((noinline)) void urgent_add(struct thread *thread) REQUIRES(scheduler)
{
    uint64_t wait = urgent_wait(thread);
    if (wait == 0)
        turns_pass();
    if (!program(&urgent)->first)
        urgent_push();
    struct thread **at = urgent_place(thread);
    thread->next = *at;
    *at = thread;
    uint64_t end = account_time() + wait;
    if (thread_is_idle(current) || end >= here.end)
        return;
    here.end = end;
    timer_want(here.end);
}

/* The first of its program's that waits. */
static void program_add(struct account *account, struct thread *thread) REQUIRES(scheduler)
{
    program(account)->first = program(account)->last = thread;
    if (program(account)->turn == here.number)
        row_push(account);
    else
        row_append(account);
}

static inline __attribute__((always_inline)) void row_add(struct thread *thread)
    REQUIRES(scheduler)
{
    struct account *account = thread->account;
    thread->state = THREAD_READY;
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

static __attribute__((noinline)) void add_and_offer(struct thread *thread)
    REQUIRES(scheduler)
{
    row_add(thread);
    placement_offer(thread);
}

void turns_add(struct thread *thread)
{
    if (several_processors())
        add_and_offer(thread);
    else
        row_add(thread);
}

/* --- Who is next -------------------------------------------------------------------------- */

/* The first of the first in the row. If a turn begins with it, of that length. */
static inline struct thread *first_take(bool begins, uint64_t now, uint64_t length)
    REQUIRES(scheduler)
{
    struct account *account = turns_row;
    struct thread *thread = program(account)->first;
    begins = begins || !program(account)->next;
    program(account)->first = thread->next;
    if (!program(account)->first)
        row_shorten();
    if (!turns_row)
        here.end = UINT64_MAX;
    else if (begins)
        here.end = now + length;
    return thread;
}

/* An urgent one has run, or is first. Theirs is a new turn each time: they never have it. */
static __attribute__((noinline)) struct thread *urgent_next(uint64_t now)
    REQUIRES(scheduler)
{
    budget_settle(now, false);
    uint64_t length = turns_row == &urgent ? urgent_turn() : SLICE_NS;
    bool theirs = turns_row == &urgent;
    here.number += PROCESSORS_MOST;
    if (!theirs)
        program(turns_row)->turn = here.number;
    struct thread *thread = first_take(true, now, length);
    if (theirs)
        budget_settle(now, has_budget(thread));
    return thread;
}

static __attribute__((noinline)) struct thread *nobody_next(uint64_t now)
    REQUIRES(scheduler)
{
    budget_settle(now, false);
    here.number += PROCESSORS_MOST;
    return NULL;
}

/* --- With several processors ----------------------------------------------------------------- */

/* Take it out of its program's, behind `before`; and the program, behind another, if it was the
 * last. */
static void take_out(struct account *other, struct account *account, struct thread *before,
                     struct thread *thread) REQUIRES(scheduler)
{
    *(before ? &before->next : &program(account)->first) = thread->next;
    if (program(account)->last == thread)
        program(account)->last = before;
    if (program(account)->first)
        return;
    *(other ? &program(other)->next : &turns_row) = program(account)->next;
    if (row_last == account)
        row_last = other;
    program(account)->next = NULL;
}

/* Where one that waits stands. */
struct place {
    struct account *other, *account; /* its program, and the one before that in the row */
    struct thread *before, *thread;
};

/* The first that may run here, of the urgent or of the others; thread NULL: there is none. */
static struct place allowed_first(bool of_urgent) REQUIRES(scheduler)
{
    struct place at = {NULL, turns_row, NULL, NULL};
    for (; at.account; at.other = at.account, at.account = program(at.account)->next) {
        if ((at.account == &urgent) != of_urgent)
            continue;
        at.before = NULL;
        for (at.thread = program(at.account)->first; at.thread;
             at.before = at.thread, at.thread = at.thread->next)
            if (placement_allows(at.thread, this_processor->number))
                return at;
    }
    return at;
}

/* The first that may run here. As in turns_next, a turn begins with it, unless its program has
 * it. */
static __attribute__((noinline)) struct thread *allowed_next(uint64_t now)
    REQUIRES(scheduler)
{
    budget_settle(now, false);
    struct place urgents = allowed_first(true), others = allowed_first(false);
    bool limited = urgents.thread && has_budget(urgents.thread) && others.thread;
    bool rest = limited && here.urgent_rest;
    struct place at = urgents.thread && !rest ? urgents : others;
    if (!at.thread)
        return nobody_next(now);
    bool begins = program(at.account)->turn != here.number || !program(at.account)->next;
    uint64_t length =
        !limited ? SLICE_NS : least(rest ? rest_length() : here.budget, SLICE_NS);
    take_out(at.other, at.account, at.before, at.thread);
    if (begins)
        here.number += PROCESSORS_MOST;
    if (begins && at.account != &urgent)
        program(at.account)->turn = here.number;
    if (!turns_row)
        here.end = UINT64_MAX;
    else if (begins || limited)
        here.end = now + length;
    budget_settle(now, has_budget(at.thread));
    return at.thread;
}

bool turns_waiting_here(void)
{
    if (!placement_binds)
        return turns_waiting();
    for (struct account *account = turns_row; account; account = program(account)->next)
        for (struct thread *thread = program(account)->first; thread; thread = thread->next)
            if (placement_allows(thread, this_processor->number))
                return true;
    return false;
}

struct thread *turns_next(uint64_t now)
{
    if (several_processors() && placement_binds)
        return allowed_next(now);
    struct account *account = turns_row;
    if (__builtin_expect(!account, false))
        return nobody_next(now);
    bool begins = program(account)->turn != here.number;
    if (begins) {
        if (__builtin_expect(account == &urgent || here.urgent_runs, false))
            return urgent_next(now);
        program(account)->turn = here.number += PROCESSORS_MOST;
    }
    return first_take(begins, now, SLICE_NS);
}
