/* tests/host/fuzz.c - threads that do random things.  See fuzz.h. */
#include "tests/host/fuzz.h"
#include "tests/host/mover.h"

#include "arch/kernel_lock.h"
#include "arch/shootdown.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frames/account.h"
#include "mm/frames/slab.h"
#include "mm/lock.h"
#include "mm/mm.h"
#include "mm/page_tables/table.h"
#include "mm/reference_tracing/reference_tracing.h"
#include "mm/replacement/laundry.h"
#include "mm/replacement/swap.h"
#include "mm/replacement/washing.h"
#include "mm/trace.h"

#include <stdio.h>
#include <stdlib.h>

static struct fuzz_options options;
static struct fuzz_thread fuzz_threads[THREADS_MAX];
static uint64_t steps_since; /* the last operation began */
static bool stopping;
static uint64_t injected_last; /* the last operation in which an allocation was to fail */

static void fuzz_operation(struct fuzz_thread *self);

/* --- Threads --------------------------------------------------------------------------- */

static void fuzz_thread_end(struct fuzz_thread *self)
{
    fuzz_log("space_release", 0, 0, 0, 0);
    struct space *real = self->space->real;
    if (processor_count > 1 && host_processor->mode == PROCESSOR_USER)
        processor_enter();
    fault_pins_release(&self->pins);
    group_instruction_ends(&self->instruction, real);
    thread_current->space = NULL;
    model_space_release(self->space);
    space_release(real);
    if (processors_hold_mm())
        host_fail("the mm lock is held after space_release");
}

static void fuzz_thread_run(struct thread *thread)
{
    struct fuzz_thread *self = &fuzz_threads[thread->number];
    if (processor_count > 1)
        processor_leave(); /* to user mode */
    while (!thread->dying && !self->exits && !stopping) {
        self->began = ++fuzz_operations;
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

struct fuzz_thread *fuzz_thread_of(const struct thread *thread)
{
    return thread->number < THREADS_MAX ? &fuzz_threads[thread->number] : NULL;
}

bool fuzz_rest_begins(const struct fuzz_thread *self)
{
    processors_kept++;
    for (unsigned i = 0; i < THREADS_MAX; i++)
        if (threads[i].state != THREAD_NONE && &fuzz_threads[i] != self &&
            fuzz_threads[i].space == self->space && fuzz_threads[i].serving)
            return false;
    return processors_mm_is_free();
}

void fuzz_rest_ends(void)
{
    processors_kept--;
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
    if (processor_count > 1)
        return; /* others have taken and given since */
    const struct thread *self = thread_current;
    bool dying = self != NULL && self->dying;
    uint64_t began = self != NULL ? fuzz_threads[self->number].began : fuzz_operations;
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
    if (processors_hold_mm())
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
    if (fuzz_rest_begins(self))
        model_check_space(self->space);
    fuzz_rest_ends();
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

/* One of the next takings of a frame, or of a kernel object, fails. */
static void do_inject(struct fuzz_thread *self)
{
    (void)self;
    if (threads_alive() < 3)
        return;
    injected_last = fuzz_operations;
    if (choose_one_in(2))
        frame_fail_after = 1 + choose(6);
    else
        machine_slab_fail_after = 1 + choose(6);
    fuzz_log("injected: in %lu frames, or %lu objects", frame_fail_after,
             machine_slab_fail_after, 0, 0);
}

/* --- Which one, how often ----------------------------------------------------------------- */

enum kind { USER, CALL };

struct operation {
    const char *name;
    unsigned weight; /* of 1,000 or so */
    void (*run)(struct fuzz_thread *self);
    enum kind kind; /* what user code does by itself, or what the kernel does for it */
    uint64_t count;
};

static struct operation table[] = {
    {"touch", 560, fuzz_touch, USER, 0},
    {"touch a run", 40, fuzz_touch_run, USER, 0},
    {"touch several", 40, fuzz_touch_several, USER, 0},
    {"touch wildly", 4, fuzz_touch_wild, USER, 0},
    {"map", 40, fuzz_map, CALL, 0},
    {"map a stack", 3, fuzz_map_stack, CALL, 0},
    {"unmap", 14, fuzz_unmap, CALL, 0},
    {"protect", 30, fuzz_protect, CALL, 0},
    {"discard", 8, fuzz_discard, CALL, 0},
    {"free", 8, fuzz_free, CALL, 0},
    {"heap", 12, fuzz_heap, CALL, 0},
    {"remap", 12, fuzz_remap, CALL, 0},
    {"mincore", 20, fuzz_resident, CALL, 0},
    {"populate", 6, fuzz_populate, CALL, 0},
    {"fork", 5, do_fork, CALL, 0},
    {"clone", 2, do_clone, CALL, 0},
    {"exit", 2, do_exit, CALL, 0},
    {"create an object", 16, fuzz_object_create, CALL, 0},
    {"drop an object", 12, fuzz_object_drop, CALL, 0},
    {"use an object", 40, fuzz_object_use, CALL, 0},
    {"resize an object", 8, fuzz_object_resize, CALL, 0},
    {"zero a frame", 20, do_zero, CALL, 0},
    {"compare", 10, do_check, CALL, 0},
    {"audit", 10, do_audit, CALL, 0},
    {"squeeze", 1, fuzz_squeeze, CALL, 0},
    {"inject", 2, do_inject, CALL, 0},
    {"create a group", 2, fuzz_group_create, CALL, 0},
    {"move to a group", 4, fuzz_group_move, CALL, 0},
    {"destroy a group", 1, fuzz_group_destroy, CALL, 0},
    {"set a limit", 2, fuzz_group_limit, CALL, 0},
    {"reclaim", 4, fuzz_group_reclaim, CALL, 0},
    {"change the policy", 2, fuzz_group_policy, CALL, 0},
    {"tick", 3, fuzz_group_tick, CALL, 0},
    {"exact mode", 1, fuzz_group_exact, CALL, 0},
    {"wire", 6, fuzz_wire, CALL, 0},
    {"wire all", 3, fuzz_wire_all, CALL, 0},
    {"change the swap area", 1, fuzz_swap_mood, CALL, 0},
    {"wash a page", 6, fuzz_launder, CALL, 0},
    {"swap a space out or in", 2, fuzz_swapping, CALL, 0},
    {"punch a hole", 8, fuzz_punch, CALL, 0},
    {"shares", 2, fuzz_shares, CALL, 0},
    /* with several processors only */
    {"copy", 40, fuzz_copy, CALL, 0},
    {"clone once more", 5, do_clone, CALL, 0},
};
#define FOR_ONE (ARRAY_SIZE(table) - 2)

/* With several processors a call has the kernel's lock until the model knows what it has done. */
static void call_begins(struct fuzz_thread *self, const struct operation *operation)
{
    if (processor_count == 1 || operation->kind == USER)
        return;
    processor_enter();
    self->space->calls += operation->run != fuzz_copy;
}

static void call_ends(struct fuzz_thread *self, const struct operation *operation)
{
    if (processor_count == 1 || operation->kind == USER)
        return;
    self->space->calls -= operation->run != fuzz_copy;
    processor_leave();
}

static void operation_run(struct fuzz_thread *self, struct operation *operation)
{
    /* Touching may find a space half changed, and the heap be moved when that is over. What else
     * changes it waits, and what it is to do is reckoned before. */
    if (change_must_wait(self->space->real) && operation->run != fuzz_touch &&
        operation->run != fuzz_heap)
        return;
    operation->count++;
    if (frame_fail_after > 0 || machine_slab_fail_after > 0)
        injected_last = fuzz_operations;
    operation->run(self);
    machine_check();
    fuzz_groups_check();
}

static void fuzz_operation(struct fuzz_thread *self)
{
    uint32_t total = 0;
    for (size_t i = 0; i < (processor_count == 1 ? FOR_ONE : ARRAY_SIZE(table)); i++)
        total += table[i].weight;
    uint32_t pick = choose(total);
    size_t i = 0;
    while (pick >= table[i].weight)
        pick -= table[i++].weight;
    call_begins(self, &table[i]);
    operation_run(self, &table[i]);
    call_ends(self, &table[i]);
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
    printf("    %9lu  writes by another processor meanwhile, %lu reads; %lu turns\n",
           fuzz_other_writes, fuzz_other_reads, processors_turns);
    printf("    %9lu  shootdowns, %lu interrupts for them, %lu in vain, %lu avoided\n",
           shootdown_counts.requests, shootdown_counts.interrupts, shootdown_counts.in_vain,
           shootdown_counts.avoided);
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
    if (processor_count > 1)
        processors_errand = fuzz_squeeze_ends;
    else
        fuzz_squeeze_ends();
    while (host_step())
        ;
    if (processor_count > 1)
        processors_end();
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
    if (table_roots_ended >= processor_count)
        host_fail("%u roots wait for %u processors", table_roots_ended, processor_count);
    if (frames_unused() + table_roots_ended != unused || page_count != 0)
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
    processors_meanwhile = fuzz_meanwhile;
    host_trace = fuzz_traced;
    trace_on = true;
    options = *wanted;
    fuzz_verbose = options.verbose;
    fuzz_operations = 0;
    uint32_t unused = frames_unused() + table_roots_ended, objects = objects_in_slabs();
    if (options.processors > 1)
        processors_begin(options.processors);
    uint64_t next = options.operations / 10;
    while (fuzz_operations < options.operations && !choice_exhausted()) {
        if (threads_alive() < options.threads / 2) {
            if (processor_count > 1)
                processors_errand = fuzz_begin;
            else
                fuzz_begin();
        }
        host_step();
        if (++steps_since > 200000)
            host_fail("nobody gets on");
        if (options.progress && fuzz_operations >= next) {
            printf("    %9lu operations, %u threads, %u of %u frames free, %u pages\n",
                   fuzz_operations, threads_alive(), frame_counts.free, frame_counts.total,
                   page_count);
            fflush(stdout);
            next += options.operations / 10;
        }
    }
    fuzz_finish(unused, objects);
}
