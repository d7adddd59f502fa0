; arch/syscall.asm - SYSCALL: the fast way in, and SYSRET, the fast way out where it is safe.
;
; SYSCALL pushes nothing: the return address comes in RCX, the flags in R11, and the stack is
; still the user's (SDM 2B, SYSCALL). The frame is completed by hand; the rest is as for any
; trap (arch/entry.asm).

%include "arch/frame.inc"

extern kernel_syscall
extern kernel_return_work
extern trap_leave
extern processor_enter
extern processor_leave
extern stack_junk_words

section .text progbits alloc exec nowrite align=64

%macro ENTER_SYSCALL 0
    swapgs
    mov [gs:PROCESSOR_USER_RSP], rsp
    mov rsp, [gs:PROCESSOR_RSP0]
    push SELECTOR_USER_DATA
    push qword [gs:PROCESSOR_USER_RSP]
    push r11                            ; SYSCALL keeps RFLAGS in R11, RIP in RCX
    push SELECTOR_USER_CODE
    push rcx
    push rax
    push VECTOR_SYSCALL
    PUSH_REGISTERS
    CALL_SEVERAL processor_enter
%endmacro

global syscall_entry
syscall_entry:
    ENTER_SYSCALL
    mov rdi, rsp
    call kernel_syscall

syscall_return:
    cmp dword [gs:PROCESSOR_RETURN_WORK], 0
    jne syscall_work
    ; SYSRET takes RIP from RCX and RFLAGS from R11: only if the frame still says so
    ; (a signal or exec may have rewritten it), if the address is canonical (SYSRET would
    ; fault in ring 0, on the user's stack), and without TF and RF, which it mistreats.
    mov rcx, [rsp + FRAME_RIP]
    mov r11, [rsp + FRAME_RFLAGS]
    cmp rcx, [rsp + FRAME_RCX]
    jne trap_leave
    cmp r11, [rsp + FRAME_R11]
    jne trap_leave
    test r11d, RFLAGS_TF | RFLAGS_RF
    jnz trap_leave
    shr rcx, 47
    jnz trap_leave
    CALL_SEVERAL processor_leave
    swapgs
    POP_REGISTERS
    mov rsp, [rsp + POPPED_RSP]
syscall_sysret:
    o64 sysret

; The same under audit (trap_audit_calls): no call finds anything on the stack that an earlier
; one left there and could give away, and none begins or ends with flags that are the user's.
global syscall_entry_audited
syscall_entry_audited:
    ENTER_SYSCALL
    call flags_audit
    mov ecx, [rel stack_junk_words]
    lea rax, [rcx * 8]
    mov rdi, rsp
    sub rdi, rax
    mov rax, STACK_JUNK
    rep stosq
    mov rdi, rsp
    call kernel_syscall
    call flags_audit
    jmp syscall_return

flags_audit:
    pushfq
    pop rax
    test eax, RFLAGS_NEVER
    jnz .wrong
    ret
.wrong:
    ud2                                 ; the report's backtrace leads here

syscall_work:
    mov rdi, rsp
    call kernel_return_work
    jmp syscall_return
