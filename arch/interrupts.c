/* arch/interrupts.c - the two interrupts there are, and silence for all others.
 *
 * The timer's comes from the local APIC itself. COM1's (ISA line 4) goes through the IOAPIC,
 * so that both end with the same single write. The old PIC is moved away from the
 * exceptions' vectors, since it may still make spurious interrupts, and masked. */
#include "arch/interrupts.h"
#include "arch/entry.h"
#include "arch/machine.h"
#include "arch/timer.h"

#define PIC_COMMAND_1 0x20
#define PIC_DATA_1    0x21
#define PIC_COMMAND_2 0xa0
#define PIC_DATA_2    0xa1
#define VECTOR_PIC    48

#define IOAPIC_SELECT      (*(volatile uint32_t *)(IOAPIC_REGISTERS + 0x00))
#define IOAPIC_WINDOW      (*(volatile uint32_t *)(IOAPIC_REGISTERS + 0x10))
#define IOAPIC_REDIRECTION 0x10 /* two registers a line */
#define IOAPIC_LINES       24u
#define IOAPIC_MASKED      0x10000u
#define SERIAL_LINE        4u /* COM1 */
#define WINDOW_LINE        3u /* COM2 */

#define APIC_BASE_ENABLE 0x800u
#define LAPIC_ENABLE     0x100u

static void pic_silence(void)
{
    port_write8(PIC_COMMAND_1, 0x11); /* ICW1: begin, ICW4 follows */
    port_write8(PIC_COMMAND_2, 0x11);
    port_write8(PIC_DATA_1, VECTOR_PIC); /* ICW2: first vector */
    port_write8(PIC_DATA_2, VECTOR_PIC + 8);
    port_write8(PIC_DATA_1, 4); /* ICW3: the second hangs on line 2 */
    port_write8(PIC_DATA_2, 2);
    port_write8(PIC_DATA_1, 1); /* ICW4: 8086 mode */
    port_write8(PIC_DATA_2, 1);
    port_write8(PIC_DATA_1, 0xff);
    port_write8(PIC_DATA_2, 0xff);
}

static void ioapic_write(unsigned reg, uint32_t value)
{
    IOAPIC_SELECT = reg;
    IOAPIC_WINDOW = value;
}

static void ioapic_route_line(unsigned line)
{
    ioapic_write(IOAPIC_REDIRECTION + 2 * line + 1, 0); /* to the processor with id 0 */
    ioapic_write(IOAPIC_REDIRECTION + 2 * line, VECTOR_SERIAL); /* edge, active high */
}

static void ioapic_route_serial(void)
{
    for (unsigned line = 0; line < IOAPIC_LINES; line++)
        ioapic_write(IOAPIC_REDIRECTION + 2 * line, IOAPIC_MASKED);
    ioapic_route_line(SERIAL_LINE);
    ioapic_route_line(WINDOW_LINE);
}

void lapic_begin(void)
{
    msr_write(MSR_APIC_BASE, msr_read(MSR_APIC_BASE) | APIC_BASE_ENABLE);
    lapic_write(LAPIC_LVT_TIMER, LAPIC_MASKED);
    lapic_write(LAPIC_LVT_LINT0, LAPIC_MASKED);
    lapic_write(LAPIC_LVT_LINT1, 0x400); /* NMI */
    lapic_write(LAPIC_LVT_ERROR, LAPIC_MASKED);
    lapic_write(LAPIC_SPURIOUS, LAPIC_ENABLE | VECTOR_IGNORED);
}

void lapic_send(uint32_t id, uint32_t message)
{
    lapic_write(LAPIC_ICR_TO, id << 24);
    lapic_write(LAPIC_ICR, message);
    while (lapic_read(LAPIC_ICR) & MESSAGE_PENDING)
        cpu_relax();
}

void interrupts_init(void)
{
    pic_silence();
    lapic_begin();
    ioapic_route_serial();
    serial_use_interrupts();
    window_use_interrupts();
}

/* From entry.asm. The end is signalled first: the kernel's handler may switch threads. */
void trap_interrupt(struct trap_frame *frame)
{
    if (frame->vector == VECTOR_TIMER && frame->rip == (uint64_t)idle_woken)
        timer_settle();
    lapic_write(LAPIC_EOI, 0);
    if (frame->vector == VECTOR_TIMER && !timer_expired())
        return;
    kernel_interrupt(frame);
}
