; arch/entry.asm - into the kernel and out again.
;
; Exceptions, interrupts and SYSCALL all build the same struct trap_frame (arch/trap.h) on
; the thread's kernel stack and call C with a pointer to it. On the way out kernel_return_work
; is called as long as return_work is set, then the registers come back from the frame.
;
; Neither way uses GS: with one processor the kernel finds its stack in the TSS, by address.
; So there is no SWAPGS to get wrong, and user code's GS base simply stays where it is.
;
; Interrupts are off in the kernel (interrupt gates, SFMASK), so nothing comes between.

%include "arch/smap.inc"

%define SELECTOR_USER_DATA 0x1b
%define SELECTOR_USER_CODE 0x23
%define VECTOR_SYSCALL     256
%define RFLAGS_TF          0x00100
%define RFLAGS_RF          0x10000

; Offsets in struct trap_frame.
%define FRAME_R11    6 * 8
%define FRAME_RCX    11 * 8
%define FRAME_RIP    17 * 8
%define FRAME_CS     18 * 8
%define FRAME_RFLAGS 19 * 8

; From where the general registers have been popped: to the user's RSP; to RIP.
%define POPPED_RSP   5 * 8
%define POPPED_RIP   2 * 8

extern tss
extern syscall_user_rsp
extern return_work
extern kernel_page_fault
extern trap_exception
extern kernel_syscall
extern kernel_return_work
extern trap_interrupt
extern trap_fatal

%macro PUSH_REGISTERS 0
    push rdi
    push rsi
    push rdx
    push rcx
    push rax
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    xor ebp, ebp                        ; backtraces end here
%endmacro

%macro POP_REGISTERS 0
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rax
    pop rcx
    pop rdx
    pop rsi
    pop rdi
%endmacro

; Exceptions and interrupts: the processor does not clear AC and DF.
%macro ENTER 0
    PUSH_REGISTERS
    cld
    USER_CLOSE
    mov rdi, rsp
%endmacro

section .text progbits alloc exec nowrite align=64

; ---------------------------------------------------------------- system calls

global syscall_entry
syscall_entry:
    mov [rel syscall_user_rsp], rsp
    mov rsp, [rel tss + 4]              ; RSP0
    push SELECTOR_USER_DATA
    push qword [rel syscall_user_rsp]
    push r11                            ; SYSCALL keeps RFLAGS in R11, RIP in RCX
    push SELECTOR_USER_CODE
    push rcx
    push rax
    push VECTOR_SYSCALL
    PUSH_REGISTERS
    mov rdi, rsp
    call kernel_syscall

syscall_return:
    cmp dword [rel return_work], 0
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
    POP_REGISTERS
    mov rsp, [rsp + POPPED_RSP]
    o64 sysret

syscall_work:
    mov rdi, rsp
    call kernel_return_work
    jmp syscall_return

; ---------------------------------------------------------------- the way out

; _Noreturn void trap_return(struct trap_frame *frame)
global trap_return
trap_return:
    mov rsp, rdi
trap_exit:
    test byte [rsp + FRAME_CS], 3
    jz trap_leave
    cmp dword [rel return_work], 0
    jne trap_work
trap_leave:
    POP_REGISTERS
    add rsp, POPPED_RIP
trap_iretq:
    iretq
    FIXUP trap_iretq, trap_iretq_fault

trap_work:
    mov rdi, rsp
    call kernel_return_work
    jmp trap_exit

; IRETQ itself faults on a frame that user code may have asked for (a non-canonical RIP by
; sigreturn). All other registers are the user's again and RSP is at the frame it would have
; taken: make it the user's own general protection fault.
trap_iretq_fault:
    push 0
    push 13
    jmp exception_common

; ---------------------------------------------------------------- exceptions

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

align 64
page_fault:
    push 14
    ENTER
    mov rsi, cr2
    call kernel_page_fault
    jmp trap_exit

align 16
exception_common:
    ENTER
    call trap_exception
    jmp trap_exit

align 16
interrupt_common:
    ENTER
    call trap_interrupt
    jmp trap_exit

; #DF, NMI, #MC: on stacks of their own, and not to come back.
align 16
fatal_common:
    ENTER
    call trap_fatal
    ud2

EXCEPTION 0, 0
EXCEPTION 1, 0
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
    dq interrupt_ignore
    dq interrupt_ignore
    dq interrupt_serial
    dq interrupt_ignore
    dq interrupt_ignore
    dq interrupt_ignore
