; arch/kernel_lock.asm - calls that change no register, from the midst of code that expects none.
;
; They stand where no-ops and stores are with one processor (arch/detour.h): see arch/kernel_lock.c.

extern mm_lock_take, mm_lock_give, processor_copy, processor_copied

section .text progbits alloc exec nowrite align=16

%macro QUIET_CALL 2
global %1
%1:
    push rax
    push rcx
    push rdx
    push rsi
    push rdi
    push r8
    push r9
    push r10
    push r11
    call %2
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rax
    ret
%endmacro

QUIET_CALL mm_take_several, mm_lock_take
QUIET_CALL mm_give_several, mm_lock_give
QUIET_CALL copy_several, processor_copy
QUIET_CALL copied_several, processor_copied
