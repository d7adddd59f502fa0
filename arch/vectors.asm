; arch/vectors.asm - where each vector of the interrupt table enters.
;
; The processor does not say which vector it came by, and pushes an error code for some
; exceptions only: a stub for each evens that out, and goes on in arch/entry.asm.

extern page_fault
extern exception_common
extern interrupt_common
extern fatal_common
extern debug_exception
extern shootdown_common

section .text progbits alloc exec nowrite align=16

; The processor pushes an error code for some; the others get a zero.
%macro EXCEPTION 2                      ; vector, 1 if there is an error code
align 8
exception_%1:
%if %2 == 0
    push 0
%endif
    push %1
    jmp exception_common
%endmacro

EXCEPTION 0, 0
EXCEPTION 3, 0
EXCEPTION 4, 0
EXCEPTION 5, 0
EXCEPTION 6, 0
EXCEPTION 7, 0
EXCEPTION 9, 0
EXCEPTION 10, 1
EXCEPTION 11, 1
EXCEPTION 12, 1
EXCEPTION 13, 1
EXCEPTION 15, 0
EXCEPTION 16, 0
EXCEPTION 17, 1
EXCEPTION 19, 0
EXCEPTION 20, 0
EXCEPTION 21, 1
EXCEPTION 22, 0
EXCEPTION 23, 0
EXCEPTION 24, 0
EXCEPTION 25, 0
EXCEPTION 26, 0
EXCEPTION 27, 0
EXCEPTION 28, 0
EXCEPTION 29, 1
EXCEPTION 30, 1
EXCEPTION 31, 0

align 8
exception_2:
    push 0
    push 2
    jmp fatal_common
align 8
exception_8:
    push 8
    jmp fatal_common
align 8
exception_1:
    jmp debug_exception
align 8
exception_14:
    jmp page_fault
align 8
exception_18:
    push 0
    push 18
    jmp fatal_common

align 8
interrupt_timer:
    push 0
    push 32
    jmp interrupt_common
align 8
interrupt_shootdown:
    push 0
    push 34
    jmp shootdown_common
align 8
interrupt_poke:
    push 0
    push 35
    jmp interrupt_common
align 8
interrupt_serial:
    push 0
    push 36
    jmp interrupt_common

; A vector nobody asked for: a spurious interrupt, which wants no acknowledgement.
align 8
global interrupt_ignore
interrupt_ignore:
    iretq

section .rodata progbits alloc noexec nowrite align=8
; Where each of the first 40 vectors enters (arch/trap.c puts them in the IDT).
global trap_entries
trap_entries:
%assign vector 0
%rep 32
    dq exception_ %+ vector
%assign vector vector + 1
%endrep
    dq interrupt_timer
    dq interrupt_ignore
    dq interrupt_shootdown
    dq interrupt_poke
    dq interrupt_serial
    dq interrupt_ignore
    dq interrupt_ignore
    dq interrupt_ignore
