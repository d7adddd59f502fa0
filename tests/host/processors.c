/* tests/host/processors.c - turns of processors.  See processors.h for the idea. */
#include "tests/host/processors.h"

#include "arch/kernel_lock.h"
#include "arch/shootdown.h"
#include "arch/trap.h"
#include "mm/address_spaces/space.h"
#include "mm/lock.h"
#include "mm/page_tables/mapper.h"
#include "tests/host/choice.h"
#include "tests/host/device.h"
#include "tests/host/hardware.h"
#include "tests/host/machine.h"
#include "tests/host/mmu.h"
#include "tests/host/thread.h"

struct processor processors[PROCESSORS_MOST];
struct processor *host_processor = &processors[0];
unsigned processor_count = 1;

uint64_t processors_turns;
unsigned processors_kept;
void (*processors_meanwhile)(struct thread *thread, unsigned number, uintptr_t address);
void (*processors_errand)(void);

/* What the harness knows of each. */
static struct place {
    struct thread *thread; /* NULL: it idles, or is in the kernel, about to choose one */
    bool in_user, in_copy; /* what it remembers is being used */
    bool shootdown, poke;  /* interrupts that it has not served */
} places[PROCESSORS_MOST];

static struct processor *mm_owner;
static unsigned last;       /* whose turn it was */
static uint32_t turn_left;  /* so many places where it may end are passed first */
static bool meanwhile_runs; /* user code of another processor does */

static struct place *here(void)
{
    return &places[host_processor->number];
}

/* --- Turns ------------------------------------------------------------------------------ */

static bool others_may_run(void)
{
    return processor_count > 1 && thread_current != NULL && !meanwhile_runs;
}

/* To the scheduler, and back when it is this processor's turn again. */
static void turn_ends(void)
{
    processors_turns++;
    thread_switch_away();
}

/* Short turns and long ones; a byte says which. */
static void turn_begins(void)
{
    uint32_t length = choose(256);
    turn_left = length < 64 ? length % 4 : length / 4;
}

static uintptr_t address_of(const pte_t *entry, frame_t root)
{
    const struct frame *table = entry != NULL ? frame_get(frame_of_data(entry)) : NULL;
    bool is_last = table != NULL && table->state == FRAME_TABLE && frame_is(table->links);
    return is_last && frame_same(table->root, root) ? mapper_address(mapper_of(entry)) : 0;
}

/* User code runs; or a processor looks up ahead what nobody has asked for, whatever it is at. But
 * not by what it has yet to forget: that those in the kernel may wait with it rests on their not
 * looking there. */
static void meanwhile(const pte_t *entry)
{
    unsigned number = machine_dice(processor_count);
    const struct place *place = &places[number];
    uintptr_t address = machine_dice(2) ? address_of(entry, mmu_root(number)) : 0;
    meanwhile_runs = true;
    if (processors_meanwhile != NULL && (place->in_user || place->in_copy) &&
        place != here())
        processors_meanwhile(place->thread, number, address);
    else if (address != 0 && processors_trust(number))
        mmu_speculate(number, address);
    meanwhile_runs = false;
}

void processors_turn(const pte_t *entry)
{
    if (!others_may_run() || processors_kept > 0)
        return;
    meanwhile(entry);
    if (turn_left-- > 0)
        return;
    turn_begins();
    turn_ends();
}

void processors_linger(void)
{
    processors_turn(NULL);
    if (!others_may_run() || processors_kept > 0 || !choose_one_in(3))
        return;
    for (uint32_t turns = choose(16); turns > 0; turns--)
        turn_ends();
}

void processors_wait(void)
{
    if (!others_may_run())
        host_fail("processor %u waits, and nobody else runs", host_processor->number);
    turn_ends();
}

bool processors_amid(void)
{
    return processor_count > 1 ? mm_owner != NULL : machine_other_runs();
}

/* --- User code, and copies ---------------------------------------------------------------- */

static void interrupts_serve(struct processor *self)
{
    struct place *place = &places[self->number];
    while (place->shootdown || place->poke) {
        bool shootdown = place->shootdown;
        place->shootdown &= !shootdown;
        place->poke &= shootdown;
        if (shootdown) {
            trap_shootdown();
        } else {
            processor_enter();
            processor_leave();
        }
    }
}

/* Now and then late: then it may be in the kernel before. */
static void interrupts_come(struct processor *self)
{
    if (!choose_one_in(4))
        interrupts_serve(self);
}

void processors_user(void)
{
    struct processor *self = host_processor;
    if (!others_may_run())
        return;
    interrupts_come(self);
    /* Programs compute most of the time: the others have several turns. */
    for (uint32_t turns = choose_one_in(3) ? choose(16) : 0; turns > 0; turns--) {
        here()->in_user = true;
        turn_ends();
        here()->in_user = false;
        interrupts_come(self);
    }
    if (self->mode != PROCESSOR_USER)
        host_fail("user code runs in mode %u", self->mode);
    if (mm_owner == NULL)
        mmu_check(self->number); /* nothing is outstanding */
}

void processors_copy(bool begins)
{
    if (begins)
        processor_copy();
    here()->in_copy = begins;
    if (!begins)
        processor_copied();
}

void processors_interrupt(uint32_t id, uint32_t vector)
{
    if (vector == VECTOR_SHOOTDOWN)
        places[id].shootdown = true;
    else
        places[id].poke = true;
}

/* --- The mm lock -------------------------------------------------------------------------- */

void mm_lock_take(void);
void mm_lock_give(void);
void mm_take_several(void);
void mm_give_several(void);

/* From mm/lock.h. A call is as if it had it from the beginning: what the model has done at once is
 * done at once. */
void mm_take_several(void)
{
    if (host_processor->mode == PROCESSOR_FAULT)
        processors_turn(NULL);
    if (mm_owner == host_processor)
        host_fail("the mm lock is taken twice");
    mm_lock_take();
    mm_owner = host_processor;
}

void mm_give_several(void)
{
    if (mm_owner != host_processor)
        host_fail("the mm lock is another's, or nobody's");
    mm_owner = NULL;
    mm_lock_give();
}

bool processors_hold_mm(void)
{
    return processor_count > 1 ? mm_owner == host_processor : mm.held;
}

bool processors_mm_is_free(void)
{
    return processor_count > 1 ? mm_owner == NULL : !mm.held;
}

void hardware_entered(void)
{
    if (processors_hold_mm())
        host_fail("the kernel's lock is taken, and the mm lock held");
}

/* --- Threads on processors ------------------------------------------------------------------ */

void processors_arrive(void)
{
    const struct space *space = thread_current->space;
    frame_t root = space != NULL ? space->table.root : kernel_root();
    if (host_processor->mode != PROCESSOR_KERNEL)
        processor_enter();
    if (!frame_same(root, root_loaded()))
        space_load(thread_current->space);
    else
        space_come_back(thread_current->space);
}

void processors_give_up(void)
{
    if (!processor_joined() || processors_hold_mm())
        host_fail(
            "a thread gives its processor up, without the kernel's lock or with mm's");
    thread_current->gives_up = true;
    turn_ends();
    processors_arrive();
}

void processors_yield(void)
{
    bool user = host_processor->mode == PROCESSOR_USER;
    if (user)
        processor_enter();
    processors_give_up();
    if (user)
        processor_leave();
}

/* Devices interrupt whoever idles. */
static void devices_run(struct thread *self)
{
    (void)self;
    for (;;) {
        void (*errand)(void) = processors_errand;
        processors_errand = NULL;
        if (errand != NULL)
            errand();
        else
            host_device_complete_one();
        processors_give_up();
    }
}

static bool devices_wait(void)
{
    return !threads[THREAD_DEVICES].on &&
           (host_device_pending() > 0 || processors_errand != NULL);
}

static struct thread *thread_pick(void)
{
    struct thread *ready[THREADS_MAX + 1];
    uint32_t count = 0;
    for (unsigned i = 0; i <= THREADS_MAX; i++)
        if (threads[i].state == THREAD_READY && !threads[i].on)
            ready[count++] = &threads[i];
    if (devices_wait() && (count == 0 || choose_one_in(4)))
        return &threads[THREAD_DEVICES];
    return count > 0 ? ready[choose(count)] : NULL;
}

/* Nobody is left for it. */
static void processor_idles(struct processor *self)
{
    if (self->mode == PROCESSOR_IDLE)
        return;
    space_rest(); /* what it remembers, it goes on remembering */
    processor_rest();
}

static bool processor_goes_on(struct processor *self)
{
    struct place *place = &places[self->number];
    host_processor = self;
    if (place->thread == NULL)
        place->thread = thread_pick();
    struct thread *thread = place->thread;
    if (thread == NULL) {
        processor_idles(self);
        return false;
    }
    thread->on = true;
    thread->gives_up = false;
    last = self->number;
    thread_resume(thread);
    if (thread->state == THREAD_NONE || thread->gives_up) {
        thread->on = false;
        place->thread = NULL;
    }
    return true;
}

bool processors_step(void)
{
    unsigned first = (last + 1 + choose(processor_count)) % processor_count;
    for (unsigned i = 0; i < processor_count; i++)
        if (processor_goes_on(&processors[(first + i) % processor_count]))
            return true;
    return false;
}

/* --- From beginning to end ------------------------------------------------------------------ */

void processors_begin(unsigned count)
{
    if (processor_count == 1) {
        for (unsigned i = 1; i < count; i++) {
            processors[i] = (struct processor){.self = &processors[i],
                                               .number = i,
                                               .apic_id = i,
                                               .done = processors[0].done,
                                               .account = processors[0].account,
                                               .mode = PROCESSOR_IDLE};
            host_processor = &processors[i];
            root_load(kernel_root());
        }
        processor_count = count;
        thread_daemon(THREAD_DEVICES, devices_run);
    }
    host_processor = &processors[0];
    processor_idles(host_processor);
}

void processors_end(void)
{
    while (processors_step())
        ;
    host_processor = &processors[0];
    processor_enter();
}

/* --- What may be asked ---------------------------------------------------------------------- */

bool processors_trust(unsigned number)
{
    const struct place *place = &places[number];
    if (processor_count == 1 || place->in_user || place->in_copy)
        return true;
    /* Amid loading another space: all that it remembers goes at once. */
    if (mmu_is_loading(number))
        return false;
    return hardware_up_to_date(&processors[number]);
}

struct thread *processors_thread(unsigned number)
{
    return places[number].thread;
}

/* Nothing is about to be forgotten while nobody has the mm lock. */
void processors_check(void)
{
    if (!processors_mm_is_free())
        return;
    unsigned other = processor_count > 1 ? machine_dice(processor_count) : 0;
    if (processor_count > 1 && processors_trust(other))
        mmu_check(other);
    if (host_processor->mode == PROCESSOR_USER || processors_trust(host_processor->number))
        mmu_check(host_processor->number);
}
