/* arch/processor.h - what each processor has of its own.
 *
 * All processors share the kernel's code, its memory and the table of its entries. But each is at
 * another place: it needs stacks of its own to enter the kernel on, and words of its own for
 * what it does at this moment. They lie in a struct processor, one for each. While the kernel runs,
 * the base of GS is the address of the running processor's, so that one instruction reads or
 * writes a word of it: this_processor->return_work. While user code runs, GS is the user's; the
 * entries exchange the two (SWAPGS, arch/entry.asm). */
#ifndef ARCH_PROCESSOR_H
#define ARCH_PROCESSOR_H

#include "arch/types.h"

struct account;
struct cpu_context;
struct thread;

#define PROCESSORS_MOST 8u
#define GDT_ENTRIES     8

/* Stacks that each has, in this order: to begin and to idle on, and those that the TSS names. */
enum {
    STACK_BOOT,
    STACK_DOUBLE_FAULT,
    STACK_NMI,
    STACK_MACHINE_CHECK,
    STACK_DEBUG,
    STACKS_FIXED
};

/* Ticks of the time-stamp counter: idle, and by all threads, ended ones too, in user mode and in
 * the kernel. Up to date whenever the kernel has been entered from user mode. They are noted
 * twice at every entry, and made ns of (timer_ns) only where somebody asks. */
struct cpu_ticks {
    uint64_t user, kernel, idle;
};

/* Whose turn it is (kernel/process/turns.c). */
struct turns {
    uint64_t end;    /* of the slice; UINT64_MAX: not measured, nobody waits */
    uint64_t number; /* the program whose last turn it is has it, and stands first. No other
                           * processor gives the same */
    uint64_t first_slice; /* for who runs when another comes; 0: its budget is looked at */
    uint64_t budget;      /* ns that the urgent may take, at budget_mark */
    uint64_t budget_mark; /* until then all time is in it */
    bool urgent_runs;     /* since then, one that has a budget */
    bool urgent_rest;
};

/* SDM 3A, 8.7. */
struct tss {
    uint32_t reserved0;
    uint64_t rsp0, rsp1, rsp2;
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[0] is IST1 */
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

/* Where it is: arch/kernel_lock.c. */
enum {
    PROCESSOR_KERNEL,
    PROCESSOR_USER,
    PROCESSOR_IDLE,
    PROCESSOR_FAULT,
    PROCESSOR_COPY,
};

/* The first words are known to the entries (arch/frame.inc). */
struct processor {
    struct processor *self;
    uint64_t user_rsp;    /* between SYSCALL and its frame: the stack is still the user's */
    uint32_t return_work; /* see kernel_return_work (arch/trap.h) */
    uint32_t number;      /* the first, which the firmware starts, is 0 */
    struct tss tss;
    uint32_t mode; /* PROCESSOR_… (arch/kernel_lock.c) */
    uint32_t apic_id;
    uint64_t done, kernel_done;  /* which requests to forget it has done */
    uint64_t entries;            /* into the kernel, in all */
    frame_t root;                /* of the space that is loaded */
    struct cpu_context *context; /* of the thread that runs (arch/context.c) */
    uint64_t gdt[GDT_ENTRIES];
    void *stacks[STACKS_FIXED]; /* where each ends */
    bool begun;
    uint64_t timer_deadline, timer_alarm; /* of its LAPIC's timer (arch/timer.c) */

    /* What the layers above keep for who runs here: they write "current", "account_current",
     * "group_current". */
    struct thread *thread;
    struct account *account;
    uint16_t group;
    struct thread *idle; /* runs when nobody else does */
    struct cpu_ticks ticks;
    uint64_t ticks_mark;  /* the time-stamp counter, up to which all is accounted for */
    uint64_t timer_armed; /* what the hardware has been told by kernel/process/timer.c */
    struct turns turns;
    bool called; /* it idles, and has been told that somebody waits */
    bool paced;  /* it interrupts itself: others run, too (kernel/process/placement.c) */
};

extern struct processor processors[PROCESSORS_MOST];
extern unsigned processor_count; /* how many run, the first among them */

/* Offset 0 from GS is where the first word lies, and no null pointer: the kernel is compiled with
 * -fno-delete-null-pointer-checks, without which a compiler leaves out functions that do
 * nothing else. A host's test says which one it plays; the tools that read the source know no
 * other than the first. */
#ifdef FAULTLINE_HOST
extern struct processor *host_processor;
#define this_processor host_processor
#elif defined(__SEG_GS) && !defined(__CHECKER__)
#define this_processor ((__seg_gs struct processor *)0)
#else
#define this_processor (&processors[0])
#endif

/* The running processor is `self` from here on: GDT, TSS, GS. Interrupts are off. */
void processor_load(struct processor *self);

#endif
