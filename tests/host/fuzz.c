/* tests/host/fuzz.c - threads that do random things.  See fuzz.h. */
#include "tests/host/fuzz.h"
#include "tests/host/mover.h"

#include "mm/check/audit.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frames/account.h"
#include "mm/frames/slab.h"
#include "mm/lock.h"
#include "mm/mm.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"
#include "mm/trace.h"

#include <stdio.h>
#include <stdlib.h>

static struct fuzz_options options;
static struct fuzz_thread fuzz_threads[THREADS_MAX];
static uint64_t operations;
static uint64_t steps_since; /* the last operation began */
static bool stopping;
static uint64_t injected_last; /* the last operation in which an allocation was to fail */

/* --- What led here --------------------------------------------------------------------- */

#define LOG_LENGTH 30

struct log_line {
    uint64_t operation;
    int thread;
    const char *text;
    uint64_t a, b, c, d;
};
static struct log_line log_lines[LOG_LENGTH];
static uint64_t log_count;

static void log_print(const struct log_line *line)
{
    fprintf(stderr, "%9lu  thread %2d  ", line->operation, line->thread);
    fprintf(stderr, line->text, line->a, line->b, line->c, line->d);
    fprintf(stderr, "\n");
}

void fuzz_log(const char *text, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct log_line *line = &log_lines[log_count++ % LOG_LENGTH];
    int thread = thread_current != NULL ? (int)thread_current->number : -1;
    *line = (struct log_line){operations, thread, text, a, b, c, d};
    if (options.verbose)
        log_print(line);
}

void fuzz_log_print(void)
{
    fprintf(stderr, "operation %lu; the last %d things done:\n", operations, LOG_LENGTH);
    for (uint64_t i = log_count < LOG_LENGTH ? 0 : log_count - LOG_LENGTH; i < log_count;
         i++)
        log_print(&log_lines[i % LOG_LENGTH]);
}

static void fuzz_operation(struct fuzz_thread *self);

/* --- Threads --------------------------------------------------------------------------- */

static void fuzz_thread_end(struct fuzz_thread *self)
{
    fuzz_log("space_release", 0, 0, 0, 0);
    struct space *real = self->space->real;
    fault_pins_release(&self->pins);
    group_instruction_ends(&self->instruction, real);
    thread_current->space = NULL;
    model_space_release(self->space);
    space_release(real);
    if (mm.held)
        host_fail("the mm lock is held after space_release");
}

static void fuzz_thread_run(struct thread *thread)
{
    struct fuzz_thread *self = &fuzz_threads[thread->number];
    while (!thread->dying && !self->exits && !stopping) {
        self->began = ++operations;
        steps_since = 0;
        fuzz_operation(self);
        if (choose_one_in(20))
            thread_yield();
    }
    fuzz_thread_end(self);
}

static struct thread *fuzz_spawn(struct model_space *space)
{
    struct thread *thread = thread_create(space->real, fuzz_thread_run);
    if (thread != NULL)
        fuzz_threads[thread->number] = (struct fuzz_thread){.space = space};
    return thread;
}

/* As exec makes one: of another's family, or, the first, of nobody's. */
static void fuzz_begin(void)
{
    const struct model_space *starter = fuzz_space_any();
    struct space *real =
        space_open(starter != NULL ? starter->real->account : &kernel_account);
    if (real == NULL) {
        fuzz_expect_shortage("space_create", 3);
        return;
    }
    const struct model_window *stack = &model_windows[WINDOW_STACK];
    real->heap_start = real->heap_end = model_windows[WINDOW_HEAP].start;
    real->stack_most = stack->pages / 2 * PAGE_SIZE;
    struct model_space *space = model_space_create(real);
    if (fuzz_spawn(space) == NULL) {
        model_space_release(space);
        space_release(real);
    }
}

struct model_space *fuzz_space_loaded(void)
{
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (threads[i].state != THREAD_NONE && threads[i].space != NULL &&
            frame_same(threads[i].space->table.root, root_loaded()))
            return fuzz_threads[i].space;
    return NULL;
}

bool fuzz_is_changing(void)
{
    const struct space *space = space_first;
    while (space != NULL && !change_must_wait(space))
        space = space->next;
    return space != NULL;
}

struct model_space *fuzz_space_any(void)
{
    struct thread *thread = &threads[choose(THREADS_MAX)];
    bool has = thread->state != THREAD_NONE && thread->space != NULL;
    return has ? fuzz_threads[thread->number].space : NULL;
}

void fuzz_expect_shortage(const char *call, uint32_t frames_needed)
{
    const struct thread *self = thread_current;
    bool dying = self != NULL && self->dying;
    uint64_t began = self != NULL ? fuzz_threads[self->number].began : operations;
    bool injected = injected_last >= began; /* by others perhaps, while it slept */
    if (frame_counts.free > frame_watermarks.reserve + frames_needed && !injected && !dying)
        host_fail("%s is out of memory, and %u frames are free", call, frame_counts.free);
}

/* --- Operations on more than one space ---------------------------------------------------- */

static void do_fork(struct fuzz_thread *self)
{
    if (threads_alive() > options.threads)
        return;
    fuzz_log("fork", 0, 0, 0, 0);
    uint64_t turns = host_turns;
    struct space *real = space_fork(self->space->real);
    if (mm.held)
        host_fail("the mm lock is held after space_fork");
    if (real == NULL) {
        /* In a pause others take what was there; half a copy, given up, is free again. */
        if (self->space->real->table.frames <= frame_counts.total / 2 &&
            host_turns == turns)
            fuzz_expect_shortage("space_fork", self->space->real->table.frames + 8);
        return;
    }
    struct model_space *child = model_space_fork(self->space, real);
    if (fuzz_spawn(child) == NULL) {
        model_space_release(child);
        space_release(real);
    }
}

/* A second thread in the same space. */
static void do_clone(struct fuzz_thread *self)
{
    if (threads_alive() > options.threads || self->space->real->ending)
        return;
    fuzz_log("clone", 0, 0, 0, 0);
    space_hold(self->space->real);
    self->space->references++;
    if (fuzz_spawn(self->space) == NULL) {
        model_space_release(self->space);
        space_release(self->space->real);
    }
}

static void do_exit(struct fuzz_thread *self)
{
    self->exits = true;
}

static void do_check(struct fuzz_thread *self)
{
    fuzz_log("compare the space", 0, 0, 0, 0);
    model_check_space(self->space);
    fuzz_exact_check(self);
    struct model_object *object = fuzz_object_any();
    if (object != NULL)
        model_check_object(object);
}

static void do_audit(struct fuzz_thread *self)
{
    (void)self;
    fuzz_log("audit", 0, 0, 0, 0);
    if (audit() != 0)
        host_fail("audit: %s", host_message);
}

static void do_zero(struct fuzz_thread *self)
{
    (void)self;
    fuzz_log("zero a free frame", 0, 0, 0, 0);
    frame_zero_one();
}

/* --- Shortages --------------------------------------------------------------------------- */

#define HOSTAGES_MAX 4096
static frame_t hostages[HOSTAGES_MAX];
static unsigned hostage_count;

static void hostages_free(void)
{
    mm_lock();
    while (hostage_count > 0)
        frame_free(hostages[--hostage_count]);
    mm_unlock();
}

/* Memory gets small: somebody else holds all but a few frames. */
static void do_squeeze(struct fuzz_thread *self)
{
    (void)self;
    if (hostage_count > 0) {
        fuzz_log("memory is large again", 0, 0, 0, 0);
        hostages_free();
        return;
    }
    uint32_t leave = 100 + choose(400);
    fuzz_log("memory gets small, %lu frames are left of %lu", leave, frame_counts.free, 0,
             0);
    mm_lock();
    while (frame_counts.free > leave && hostage_count < HOSTAGES_MAX) {
        frame_t frame = frame_take(FRAME_FOR_USER, FRAME_KERNEL);
        if (!frame_is(frame))
            break;
        hostages[hostage_count++] = frame;
    }
    mm_unlock();
}

/* One of the next takings of a frame, or of a kernel object, fails. */
static void do_inject(struct fuzz_thread *self)
{
    (void)self;
    if (threads_alive() < 3)
        return;
    injected_last = operations;
    if (choose_one_in(2))
        frame_fail_after = 1 + choose(6);
    else
        machine_slab_fail_after = 1 + choose(6);
    fuzz_log("injected: in %lu frames, or %lu objects", frame_fail_after,
             machine_slab_fail_after, 0, 0);
}

/* --- Which one, how often ----------------------------------------------------------------- */

struct operation {
    const char *name;
    unsigned weight; /* of 1,000 or so */
    void (*run)(struct fuzz_thread *self);
    uint64_t count;
};

static struct operation table[] = {
    {"touch", 560, fuzz_touch, 0},
    {"touch a run", 40, fuzz_touch_run, 0},
    {"touch several", 40, fuzz_touch_several, 0},
    {"touch wildly", 4, fuzz_touch_wild, 0},
    {"map", 40, fuzz_map, 0},
    {"map a stack", 3, fuzz_map_stack, 0},
    {"unmap", 14, fuzz_unmap, 0},
    {"protect", 30, fuzz_protect, 0},
    {"discard", 8, fuzz_discard, 0},
    {"free", 8, fuzz_free, 0},
    {"heap", 12, fuzz_heap, 0},
    {"remap", 12, fuzz_remap, 0},
    {"mincore", 20, fuzz_resident, 0},
    {"populate", 6, fuzz_populate, 0},
    {"fork", 5, do_fork, 0},
    {"clone", 2, do_clone, 0},
    {"exit", 2, do_exit, 0},
    {"create an object", 16, fuzz_object_create, 0},
    {"drop an object", 12, fuzz_object_drop, 0},
    {"use an object", 40, fuzz_object_use, 0},
    {"resize an object", 8, fuzz_object_resize, 0},
    {"zero a frame", 20, do_zero, 0},
    {"compare", 10, do_check, 0},
    {"audit", 10, do_audit, 0},
    {"squeeze", 1, do_squeeze, 0},
    {"inject", 2, do_inject, 0},
    {"create a group", 2, fuzz_group_create, 0},
    {"move to a group", 4, fuzz_group_move, 0},
    {"destroy a group", 1, fuzz_group_destroy, 0},
    {"set a limit", 2, fuzz_group_limit, 0},
    {"reclaim", 4, fuzz_group_reclaim, 0},
    {"change the policy", 2, fuzz_group_policy, 0},
    {"tick", 3, fuzz_group_tick, 0},
    {"exact mode", 1, fuzz_group_exact, 0},
    {"wire", 6, fuzz_wire, 0},
    {"wire all", 3, fuzz_wire_all, 0},
    {"change the swap area", 1, fuzz_swap_mood, 0},
    {"wash a page", 6, fuzz_launder, 0},
    {"swap a space out or in", 2, fuzz_swapping, 0},
    {"punch a hole", 8, fuzz_punch, 0},
    {"shares", 2, fuzz_shares, 0},
};

static void fuzz_operation(struct fuzz_thread *self)
{
    static unsigned total;
    if (total == 0)
        for (size_t i = 0; i < ARRAY_SIZE(table); i++)
            total += table[i].weight;
    uint32_t pick = choose(total);
    size_t i = 0;
    while (pick >= table[i].weight)
        pick -= table[i++].weight;
    /* Touching may find a space half changed, and the heap be moved when that is over. What else
     * changes it waits, and what it is to do is reckoned before. */
    if (change_must_wait(self->space->real) && table[i].run != fuzz_touch &&
        table[i].run != fuzz_heap)
        return;
    table[i].count++;
    if (frame_fail_after > 0 || machine_slab_fail_after > 0)
        injected_last = operations;
    table[i].run(self);
    machine_check();
    fuzz_groups_check();
}

void fuzz_report(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        printf("    %9lu  %s\n", table[i].count, table[i].name);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        printf("    %9lu  faults: %s\n", fault_totals.kind[i], fault_kind_names[i]);
    printf("    %9lu  major\n    %9u  killed for want of memory\n", fault_totals.major,
           host_kills);
    printf("    %9lu  requests, %lu of them failed\n", host_device.requests,
           host_device.errors);
    printf("    %9lu  requests for swap, %lu of them writes, %lu failed\n",
           host_swap.requests, host_swap.writes, host_swap.errors);
    printf("    %9lu  evictions; %lu frames freed by the daemon, woken %lu times\n",
           evict_counts.evicted, pageout_counts.freed, pageout_counts.wakeups);
    printf("    %9lu  times somebody was killed while frames were pinned\n", judge_pinned);
    printf("    %9lu  writes by another processor while an entry changed\n",
           fuzz_other_writes);
    printf(
        "    %9lu  regions and %lu tables moved, %lu frames reused, while somebody slept\n",
        mover_regions, mover_tables, mover_frames);
    printf("    %9lu  references seen in exact mode\n", reference_string_total);
    printf("    %9lu  accesses, %lu from the TLB; %lu single flushes, %lu of everything\n",
           machine_counts.accesses, machine_counts.hits, machine_counts.flushes_page,
           machine_counts.flushes_all);
}

/* --- From beginning to end ------------------------------------------------------------------ */

/* Frames that are free or could be: slabs keep one spare each. */
static uint32_t frames_unused(void)
{
    uint32_t count = frame_counts.free;
    for (const struct slab_cache *cache = NULL; (cache = slab_cache_next(cache)) != NULL;)
        count += cache->slabs;
    return count;
}

static uint32_t objects_in_slabs(void)
{
    uint32_t count = 0;
    for (const struct slab_cache *cache = NULL; (cache = slab_cache_next(cache)) != NULL;)
        count += cache->in_use;
    return count;
}

static void fuzz_finish(uint32_t unused, uint32_t objects)
{
    stopping = true;
    frame_fail_after = machine_slab_fail_after = 0;
    hostages_free();
    while (host_step())
        ;
    fuzz_objects_settle();
    fuzz_groups_settle();
    washing_idle(); /* writes whose pages have ended meanwhile */
    host_swap_repair();
    if (audit() != 0)
        host_fail("audit at the end: %s", host_message);
    if (objects_in_slabs() != objects)
        host_fail("%u kernel objects at the end, %u at the beginning", objects_in_slabs(),
                  objects);
    if (swap_counts.used != 0)
        host_fail("%u slots are in use at the end", swap_counts.used);
    if (frames_unused() != unused || page_count != 0)
        host_fail(
            "%u frames are free at the end, %u were at the beginning; %u pages are left",
            frames_unused(), unused, page_count);
    stopping = false;
}

/* Whoever gives up the processor leaves nothing that it was given for one instruction. */
static void fuzz_switched(struct thread *thread)
{
    if (thread->number < THREADS_MAX && thread->state != THREAD_NONE &&
        thread->space != NULL)
        group_instruction_pauses(&fuzz_threads[thread->number].instruction, thread->space);
}

/* A fault has looked for its region: only now, after any wait, has the stack grown. */
static void fuzz_fault_begins(uint32_t id, uintptr_t address)
{
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (threads[i].state != THREAD_NONE && threads[i].space != NULL &&
            threads[i].space->id == id) {
            model_fault(fuzz_threads[i].space, address);
            return;
        }
}

static void fuzz_traced(const struct trace_record *record)
{
    fuzz_groups_trace(record);
    if (record->event == TRACE_REGION)
        fuzz_fault_begins(record->space, record->address);
}

void fuzz_run(const struct fuzz_options *wanted)
{
    host_switch_hook = fuzz_switched;
    host_sleep_hook = mover_run;
    host_turns_kept = 0;
    machine_other = fuzz_other;
    host_trace = fuzz_traced;
    trace_on = true;
    options = *wanted;
    operations = 0;
    uint32_t unused = frames_unused(), objects = objects_in_slabs();
    uint64_t next = options.operations / 10;
    while (operations < options.operations && !choice_exhausted()) {
        if (threads_alive() < options.threads / 2)
            fuzz_begin();
        host_step();
        if (++steps_since > 200000)
            host_fail("nobody gets on");
        if (options.progress && operations >= next) {
            printf("    %9lu operations, %u threads, %u of %u frames free, %u pages\n",
                   operations, threads_alive(), frame_counts.free, frame_counts.total,
                   page_count);
            fflush(stdout);
            next += options.operations / 10;
        }
    }
    fuzz_finish(unused, objects);
}
