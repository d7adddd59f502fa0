; arch/context.asm - from one thread's kernel stack to another's.
;
; The caller of context_switch expects what every C function promises: the callee-saved
; registers as they were. So these go onto the old stack, RSP into the old context; and the
; same backwards, from the new one. The rest (FPU, bases) is done in context.c.

section .text progbits alloc exec nowrite align=16

; void context_swap(uint64_t *from_rsp, uint64_t to_rsp)
global context_swap
context_swap:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rdi], rsp
    mov rsp, rsi
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

; Where a new thread begins: context_init has put the function and its argument in R12, R13.
global context_start
context_start:
    mov rdi, r13
    call r12
    ud2                                 ; a thread's function does not return
