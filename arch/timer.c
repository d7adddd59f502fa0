/* arch/timer.c - time, and being told when it has come.
 *
 * Time is the processor's time-stamp counter; the alarm is the local APIC's timer, set anew
 * for each deadline (there is no periodic tick). How fast both count nobody says, so they are
 * measured for a millisecond against the PIT, whose 1,193,182 Hz have been the same since
 * 1981, and rounded to a whole MHz: under QEMU's instruction counting that makes them the
 * 1,000 MHz that they are, whatever the measuring loop costs. */
#include "arch/timer.h"
#include "arch/entry.h"
#include "arch/interrupts.h"
#include "arch/machine.h"

#define PIT_HZ       1193182ul
#define PIT_COUNT    1193u /* a millisecond */
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_ONE_SHOT 0xb0 /* channel 2, both bytes, mode 0 */
#define PIT_GATE     0x61
#define PIT_OUTPUT   0x20 /* in PIT_GATE: the count has run out */

#define DIVIDE_BY_1 0xbu
#define NS_PER_MS   1000000ul
#define NEVER       UINT64_MAX

uint64_t timer_entry_tsc;
uint64_t timer_ns_per_tsc;

/* 32.32 fixed point: LAPIC ticks per ns. */
static uint64_t ticks_per_ns;
static uint64_t deadline = NEVER;

static uint64_t scale(uint64_t value, uint64_t factor)
{
    return (uint64_t)((unsigned __int128)value * factor >> 32);
}

static void pit_start(void)
{
    port_write8(PIT_GATE, (port_read8(PIT_GATE) & ~2u) | 1u); /* count, no speaker */
    port_write8(PIT_COMMAND, PIT_ONE_SHOT);
    port_write8(PIT_CHANNEL2, PIT_COUNT & 0xff);
    port_write8(PIT_CHANNEL2, PIT_COUNT >> 8);
}

static void pit_wait(void)
{
    while (!(port_read8(PIT_GATE) & PIT_OUTPUT))
        ;
}

/* Kilohertz from ticks in the PIT's span; to a whole MHz, if it is that fast. */
static uint64_t frequency(uint64_t ticks)
{
    uint64_t hertz = ticks * PIT_HZ / PIT_COUNT;
    uint64_t megahertz = (hertz + 500000) / 1000000;
    return megahertz ? megahertz * 1000 : hertz / 1000;
}

void timer_init(void)
{
    lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
    lapic_write(LAPIC_LVT_TIMER, LAPIC_MASKED | VECTOR_TIMER);
    pit_start();
    lapic_write(LAPIC_TIMER_INITIAL, UINT32_MAX);
    uint64_t start = tsc_read();
    pit_wait();
    uint64_t tsc_ticks = tsc_read() - start;
    uint64_t lapic_ticks = UINT32_MAX - lapic_read(LAPIC_TIMER_CURRENT);
    lapic_write(LAPIC_TIMER_INITIAL, 0);

    timer_ns_per_tsc = (NS_PER_MS << 32) / frequency(tsc_ticks);
    ticks_per_ns = (frequency(lapic_ticks) << 32) / NS_PER_MS;
    lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);
}

uint64_t time_now(void)
{
    return timer_now();
}

static void timer_set(void)
{
    uint64_t now = time_now();
    uint64_t ticks = deadline > now ? scale(deadline - now, ticks_per_ns) + 1 : 1;
    lapic_write(LAPIC_TIMER_INITIAL, ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX);
}

void timer_arm(uint64_t at)
{
    deadline = at;
    if (at == NEVER)
        lapic_write(LAPIC_TIMER_INITIAL, 0); /* stops it */
    else
        timer_set();
}

bool timer_expired(void)
{
    if (deadline == NEVER)
        return false;
    if (time_now() < deadline) {
        timer_set();
        return false;
    }
    deadline = NEVER;
    return true;
}
