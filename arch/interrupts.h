/* arch/interrupts.h - the local APIC, for the timer that lives in it. */
#ifndef ARCH_INTERRUPTS_H
#define ARCH_INTERRUPTS_H

#include "arch/layout.h"

/* Registers of the local APIC (SDM 3A, 11.4.1). */
#define LAPIC_ID            0x020
#define LAPIC_EOI           0x0b0
#define LAPIC_SPURIOUS      0x0f0
#define LAPIC_ICR           0x300 /* a message; to whom: */
#define LAPIC_ICR_TO        0x310
#define LAPIC_LVT_TIMER     0x320
#define LAPIC_LVT_LINT0     0x350
#define LAPIC_LVT_LINT1     0x360
#define LAPIC_LVT_ERROR     0x370
#define LAPIC_TIMER_INITIAL 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE  0x3e0

#define LAPIC_MASKED 0x10000u

/* Messages to another local APIC (SDM 3A, 10.6.1). */
#define MESSAGE_FIXED   0x4000u /* an interrupt; its vector beside */
#define MESSAGE_INIT    0x4500u
#define MESSAGE_STARTUP 0x4600u
#define MESSAGE_PENDING 0x1000u

static inline void lapic_write(unsigned reg, uint32_t value)
{
    *(volatile uint32_t *)(LAPIC_REGISTERS + reg) = value;
}

static inline uint32_t lapic_read(unsigned reg)
{
    return *(volatile uint32_t *)(LAPIC_REGISTERS + reg);
}

/* Send it to the processor with this id. */
void lapic_send(uint32_t id, uint32_t message);

/* Switch the running processor's on: it hears only what is said to it. */
void lapic_begin(void);

#endif
