/* arch/timer.c - time, and being told when it has come.
 *
 * Time is the processor's time-stamp counter; the alarm is the local APIC's timer, set anew
 * for each deadline (there is no periodic tick). How fast both count nobody says, so they are
 * measured for a millisecond against the PIT, whose 1,193,182 Hz have been the same since
 * 1981, and rounded to a whole MHz: under QEMU's instruction counting that makes them the
 * 1,000 MHz that they are, whatever the measuring loop costs.
 *
 * Who is woken from idling by the alarm goes on a few instructions after it, at a time that is
 * the same in every run (arch/idle.asm). */
#include "arch/timer.h"
#include "arch/entry.h"
#include "arch/interrupts.h"
#include "arch/machine.h"
#include "arch/processor.h"

#define PIT_HZ       1193182ul
#define PIT_COUNT    1193u /* a millisecond */
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_ONE_SHOT 0x30 /* both bytes, mode 0 */
#define PIT_SELECT_2 0x80
#define PIT_GATE     0x61
#define PIT_OUTPUT   0x20 /* in PIT_GATE: the count has run out */

#define DIVIDE_BY_1 0xbu
#define NS_PER_MS   1000000ul
#define ALARM_MOST  1000000000ul /* ns: no LAPIC counts so fast that 32 bits were too few */
#define NEVER       UINT64_MAX

/* From the alarm to where idle_settle looks at the clock first, it takes the time of two
 * probes: twice as long is long enough. */
#define SETTLE_PROBES 8
#define SETTLE_SPAN   4

uint64_t timer_entry_tsc;
uint64_t timer_ns_per_tsc;

/* 32.32 fixed point: LAPIC ticks per ns. */
static uint64_t ticks_per_ns;
static uint64_t settle_span;

static uint64_t scale(uint64_t value, uint64_t factor)
{
    return (uint64_t)((unsigned __int128)value * factor >> 32);
}

/* The firmware's clock tick, which nobody hears any more; but QEMU's clock, moved on while the
 * processor idles, would halt at each. Once more, and never again. */
static void pit_stop_ticking(void)
{
    port_write8(PIT_COMMAND, PIT_ONE_SHOT);
    port_write8(PIT_CHANNEL0, 1);
    port_write8(PIT_CHANNEL0, 0);
}

static void pit_start(void)
{
    port_write8(PIT_GATE, (port_read8(PIT_GATE) & ~2u) | 1u); /* count, no speaker */
    port_write8(PIT_COMMAND, PIT_SELECT_2 | PIT_ONE_SHOT);
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

/* What the shortest wait takes: the least of some, for the host, or an SMI, may come between. */
static uint64_t settle_probe(void)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < SETTLE_PROBES; i++) {
        uint64_t start = time_now();
        idle_settle(0);
        uint64_t took = time_now() - start;
        if (took < least)
            least = took;
    }
    return least;
}

void timer_begin(void)
{
    lapic_write(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
    lapic_write(LAPIC_LVT_TIMER, VECTOR_TIMER);
}

void timer_init(void)
{
    pit_stop_ticking();
    timer_begin();
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
    settle_span = SETTLE_SPAN * settle_probe();
}

uint64_t time_now(void)
{
    return timer_at(tsc_read());
}

static void timer_set(void)
{
    uint64_t now = time_now(), deadline = this_processor->timer_deadline;
    uint64_t wait = deadline > now ? deadline - now : 0;
    if (wait > ALARM_MOST)
        wait = ALARM_MOST;
    this_processor->timer_alarm = now + wait; /* not after the deadline */
    lapic_write(LAPIC_TIMER_INITIAL, (uint32_t)scale(wait, ticks_per_ns) + 1);
}

void timer_arm(uint64_t at)
{
    this_processor->timer_deadline = at;
    if (at == NEVER)
        lapic_write(LAPIC_TIMER_INITIAL, 0); /* stops it */
    else
        timer_set();
}

void timer_settle(void)
{
    idle_settle(this_processor->timer_alarm + settle_span);
}

bool timer_expired(void)
{
    if (this_processor->timer_deadline == NEVER)
        return false;
    if (time_now() < this_processor->timer_deadline) {
        timer_set();
        return false;
    }
    this_processor->timer_deadline = NEVER;
    return true;
}
