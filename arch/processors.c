/* arch/processors.c - starting the other processors.
 *
 * The firmware starts one processor; the others wait for a message. It goes from one local APIC to
 * another: INIT, which resets, and then STARTUP, which names the page where to begin (SDM 3A,
 * 8.4.4.1). They are started one after the other, because each takes its stack and its struct
 * processor from the same two words. */
#include "arch/processors.h"
#include "arch/detour.h"
#include "arch/interrupts.h"
#include "arch/kernel_lock.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "arch/timer.h"
#include "lib/panic.h"
#include "lib/string.h"

#define OTHER_PAGE 0x8000ul /* boot/other.asm */

#define NS_PER_MS     1000000ul
#define INIT_TAKES    (NS_PER_MS / 100)
#define ALARM         (NS_PER_MS / 50)
#define START_USUALLY (NS_PER_MS)
#define START_AT_MOST (1000 * NS_PER_MS)

/* For the one that begins. */
uint64_t other_root;
void *other_stack;
struct processor *other_processor;

unsigned processor_count = 1;
static void (*other_main)(void);

_Static_assert(PROCESSORS_MOST *STACKS_FIXED < KERNEL_STACKS_MAX,
               "threads want most of them");

extern const char other_16[], other_16_end[]; /* boot/other.asm */

/* --- The one that starts ---------------------------------------------------------------------- */

static void *stack_make(struct boot_info *info)
{
    frame_t frames[KERNEL_STACK_FRAMES];
    const char *memory = boot_take(info, KERNEL_STACK_SIZE);
    for (unsigned i = 0; i < KERNEL_STACK_FRAMES; i++)
        frames[i] = frame_of_data(memory + i * PAGE_SIZE);
    char *stack = kernel_stack_map(frames);
    ASSERT(stack != NULL);
    return stack + KERNEL_STACK_SIZE;
}

static bool begins(const struct processor *other, uint64_t within)
{
    for (uint64_t end = time_now() + within; time_now() < end; cpu_relax())
        if (__atomic_load_n(&other->begun, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

/* The other must have taken INIT before STARTUP comes, which is else lost; a second STARTUP is for
 * one that has missed the first all the same. Where QEMU counts instructions, it takes what was
 * left of a processor's turn for run when it resets it: with an alarm set, a turn is short. */
static void start(struct processor *other, uint8_t id)
{
    memcpy((void *)(DIRECT_MAP + OTHER_PAGE), other_16, (size_t)(other_16_end - other_16));
    other_root = (uint64_t)kernel_root().number << PAGE_SHIFT;
    other_processor = other;
    other_stack = other->stacks[STACK_BOOT];
    timer_arm(time_now() + ALARM);
    lapic_send(id, MESSAGE_INIT);
    for (uint64_t end = time_now() + INIT_TAKES; time_now() < end;)
        cpu_relax();
    lapic_send(id, MESSAGE_STARTUP | OTHER_PAGE >> PAGE_SHIFT);
    if (begins(other, START_USUALLY))
        return;
    lapic_send(id, MESSAGE_STARTUP | OTHER_PAGE >> PAGE_SHIFT);
    if (!begins(other, START_AT_MOST))
        refuse("the processor with the APIC id %u does not start (cpus=1 goes without)",
               id);
}

void processors_start(struct boot_info *info, unsigned most)
{
    for (unsigned i = 0; i < info->processor_count && processor_count < most; i++) {
        if (info->processors[i] == lapic_read(LAPIC_ID) >> 24)
            continue;
        struct processor *other = &processors[processor_count];
        for (unsigned stack = 0; stack < STACKS_FIXED; stack++)
            other->stacks[stack] = stack_make(info);
        other->apic_id = info->processors[i];
        start(other, other->apic_id);
        processor_count++;
    }
    if (processor_count > 1)
        timer_arm(UINT64_MAX);
}

void processors_run(void (*main)(void))
{
    if (processor_count == 1)
        return;
    detours_several();
    __atomic_store_n(&other_main, main, __ATOMIC_RELEASE);
    for (unsigned i = 1; i < processor_count; i++)
        lapic_send(processors[i].apic_id, MESSAGE_FIXED | VECTOR_IGNORED);
}

/* --- The one that is started ------------------------------------------------------------------ */

/* Until the first one has set up the kernel. What wakes it is a vector that nobody handles. */
static void wait_for_kernel(void)
{
    while (!__atomic_load_n(&other_main, __ATOMIC_ACQUIRE))
        __asm__ volatile("sti; hlt; cli" : : : "memory");
    lapic_write(LAPIC_EOI, 0);
}

void processor_begin(struct processor *self)
{
    trap_begin(self);
    root_load(kernel_root());
    cpu_begin();
    lapic_begin();
    timer_begin();
    __atomic_store_n(&self->begun, true, __ATOMIC_RELEASE);
    wait_for_kernel();
    trap_begin_calls();
    processor_enter();
    other_main();
    halt_for_ever();
}
