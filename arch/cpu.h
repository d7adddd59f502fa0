/* arch/cpu.h - what the kernel asks of the processor and the board. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "arch/trap.h"
#include "arch/types.h"

/* --- Processor ------------------------------------------------------------------- */

/* Look at CPUID; turn on what protects (NX, WP, SMEP, SMAP, UMIP where there) and SSE.
 * Once, before paging_init. (Without long mode or NX, boot.asm has stopped already.) */
void cpu_init(void);
/* The same on another processor, where the kernel's page tables are loaded. */
void cpu_begin(void);
/* To be asked in 64-bit mode: Intel's processors deny SYSCALL before (SDM 2A, CPUID). */
bool cpu_has_syscall(void);
/* RFLAGS, as they are. */
uint64_t cpu_flags(void);
/* "NX WP SMEP SMAP UMIP": for the boot message. */
const char *cpu_features(void);

/* --- Threads --------------------------------------------------------------------- */

#define KERNEL_STACK_SIZE 16384ul

/* The registers that a switch keeps: callee-saved ones are on the stack at rsp. */
struct cpu_context {
    uint64_t rsp;
    uint64_t fs_base;              /* user's, for thread-local storage */
    uint64_t gs_base;              /* user's */
    bool tsc_refused;              /* RDTSC is a fault (CR4.TSD) */
    _Alignas(16) uint8_t fpu[512]; /* FXSAVE image (SDM 1, 10.5.1) */
};

/* A context, in cleared memory, that starts in `entry(argument)` on the stack ending at
 * `stack_top`. The FPU image is the initial one. */
void context_init(struct cpu_context *context, void *stack_top, void (*entry)(void *),
                  void *argument);
/* Save into *from, go on with *to; `stack_top` becomes the kernel stack for entries from
 * user mode. Returns when somebody switches back. Does not touch CR3. */
void context_switch(struct cpu_context *from, struct cpu_context *to, void *stack_top);
/* Copy the live FPU state and bases into *context (for fork). */
void context_save_user(struct cpu_context *context);
/* Copy the FPU image to and from the processor (for signal frames, exec). */
void fpu_save(uint8_t image[512]);
void fpu_load(
    const uint8_t image[512]); /* MXCSR must be valid: mask it with 0xffff first */
void fpu_reset(void);
/* DS, ES, FS and GS select nothing; the last two lose their bases thereby. */
void cpu_clear_segments(void);
/* Whether the running thread's RDTSC is a fault, in what is kept for it too. */
void cpu_refuse_tsc(struct cpu_context *context, bool refused);
void cpu_set_fs_base(uint64_t base);
uint64_t cpu_get_fs_base(void);
void cpu_set_gs_base(uint64_t base); /* the user's; the kernel has its own */
uint64_t cpu_get_gs_base(void);

/* Leave for user mode with the registers of *frame; never returns. The frame lies
 * anywhere on the current kernel stack. Runs return work first. */
_Noreturn void trap_return(struct trap_frame *frame);

/* Interrupts on, halt until one has been served, interrupts off. */
void cpu_idle(void);
/* Serve interrupts that wait, without halting. */
void cpu_poll_interrupts(void);

/* Kernel stacks, each above an unmapped guard page, so many at once; the page tables for the
 * whole area are built at boot. */
#define KERNEL_STACKS_MAX   4096u
#define KERNEL_STACK_FRAMES (KERNEL_STACK_SIZE / PAGE_SIZE)
/* Map `frames`, KERNEL_STACK_FRAMES of them. The stack's lowest address, or NULL: there are
 * KERNEL_STACKS_MAX already. */
void *kernel_stack_map(const frame_t *frames);
/* Unmap a stack that nobody stands on; its frames, into `frames`, are the caller's again. */
void kernel_stack_unmap(void *stack, frame_t *frames);

/* --- Time ------------------------------------------------------------------------ */

/* Calibrate TSC and LAPIC timer against the PIT (about a millisecond). */
void timer_init(void);
/* Nanoseconds since kernel entry. */
uint64_t time_now(void);
/* Raise VECTOR_TIMER once at `deadline` (as time_now; in the past: at once). A later call
 * replaces it; UINT64_MAX: none. */
void timer_arm(uint64_t deadline);
/* Seconds since 1970 when the kernel was entered, from the CMOS clock. */
uint64_t rtc_boot_seconds(void);

/* --- Board ----------------------------------------------------------------------- */

/* Mask the old PIC; send COM1's interrupt to VECTOR_SERIAL; switch the LAPIC on. After
 * paging_init. From here on serial_write works by interrupts. */
void interrupts_init(void);

void serial_init(void);
/* Queue for COM1; sent by interrupt, or at once when the queue is full. */
void serial_write(const char *text, size_t length);
/* Push out what is queued, without interrupts: for panic and power-off. */
void serial_flush(void);
/* One received byte; -1: none. */
int serial_read(void);
/* Serve the line: received bytes into a queue for serial_read, queued ones out. Call it
 * first for VECTOR_SERIAL, then serial_read until -1. */
void serial_interrupt(void);
/* Let serial_write queue. Called by interrupts_init. */
void serial_use_interrupts(void);
/* Hear on COM2, if there is one, how large the window is. Called by interrupts_init. */
void window_use_interrupts(void);
/* Has the host told a size? Ask for VECTOR_SERIAL, until false. */
bool window_changed(unsigned *rows, unsigned *columns);
/* The text screen; without one in the machine, writes go nowhere. */
void vga_init(void);
void vga_write(const char *text, size_t length);

void host_output(const char *bytes, size_t length); /* port 0xe9: the job's stdout */
void host_status(const char *text);                 /* port 0xea: status lines */

/* How the machine ends, for the host (tools/faultline/run.py). */
enum { MACHINE_DONE, MACHINE_PANIC, MACHINE_REFUSED };
_Noreturn void machine_off(int how); /* and halt for ever, where nobody ends it */

/* Walk frame pointers from rbp: print "  address symbol+offset" lines through `print`. */
void backtrace(uint64_t rip, uint64_t rbp, void (*print)(const char *format, ...));
/* "name+0x12" for a kernel text address, from the symbol table linked into the kernel. */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif
