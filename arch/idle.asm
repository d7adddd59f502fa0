; arch/idle.asm - waiting for an interrupt, and to go on at the same time in every run.
;
; Where QEMU counts instructions instead of time, it adds them to its clock in batches: when the
; clock is looked at, and when the processor has stopped. While it is stopped, another of QEMU's
; threads moves the clock on to the next timer. That thread may see the processor halted just
; before the last batch is added, by which the clock then is late, and stays so: in one run of
; a dozen, on a busy host. The same run shall take the same time always. So
;
; - the last batch before HLT is one of known length: it begins after RDTSC, and HLT ends it;
; - who is woken by the timer waits for a set time in a loop, whose round has as many
;   instructions as that batch. Late or not, it looks at the clock at the same times but for
;   the first, and so it leaves at the same time (timer_settle, arch/timer.c).

%include "arch/frame.inc"

%define BATCH 8

extern timer_entry_tsc
extern timer_ns_per_tsc
extern processor_enter
extern processor_rest

section .text progbits alloc exec nowrite align=16

; void cpu_idle(void)
global cpu_idle
cpu_idle:
    CALL_SEVERAL processor_rest
    rdtsc
    times BATCH - 2 nop
    sti                                 ; takes effect after HLT: no interrupt gets lost
    hlt
global idle_woken
idle_woken:
    cli
    CALL_SEVERAL idle_end
    ret

; The interrupt has taken the kernel's lock already, unless it was none of the kernel's.
idle_end:
    cmp dword [gs:PROCESSOR_MODE], PROCESSOR_IDLE
    je processor_enter
    ret

; void idle_settle(uint64_t time): as timer_at (arch/timer.h), in BATCH instructions
global idle_settle
idle_settle:
    rdtsc
    shl rdx, 32
    or rax, rdx
    sub rax, [rel timer_entry_tsc]
    mul qword [rel timer_ns_per_tsc]
    shrd rax, rdx, 32
    cmp rax, rdi
    jb idle_settle
    ret
