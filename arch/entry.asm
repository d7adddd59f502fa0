; arch/entry.asm - a trap: into the kernel and out again.
;
; Exceptions and interrupts (and SYSCALL, arch/syscall.asm) build the same struct trap_frame
; on the thread's kernel stack and call C with a pointer to it. On the way out
; kernel_return_work is called as long as the processor has return work; then the registers come
; back from the frame, and IRETQ runs the interrupted instruction (again).
;
; In the kernel GS leads to what the processor has of its own (arch/processor.h), in user code
; wherever user code wants. So whoever comes from user code exchanges the two at once (SWAPGS),
; and whoever goes there does it last. What comes in between is three things: a fault of
; IRETQ itself, a debug exception at the first instruction of SYSCALL's entry, and what ends the
; kernel (#DF, NMI, #MC). Each is met below, or in arch/trap.c.
;
; Interrupts are off in the kernel (interrupt gates, SFMASK), so nothing else does.
;
; With several processors whoever comes from user code, or from HLT, waits here for the kernel's
; lock, and lets go of it on the way out; but for page faults, which take it when they need it
; (arch/kernel_lock.c). One message of another processor's is answered without it, because whoever
; sends it waits: to forget translations (arch/shootdown.c).

%include "arch/frame.inc"

extern kernel_page_fault
extern trap_exception
extern kernel_return_work
extern trap_interrupt
extern trap_fatal
extern trap_debug_in_kernel
extern trap_shootdown
extern copy_several
extern processor_copied
extern processor_enter
extern processor_fault
extern processor_join
extern processor_leave

section .text progbits alloc exec nowrite align=64

; ---------------------------------------------------------------- the way in

align 64
global page_fault
page_fault:
    push 14
    ENTER_GS
    ENTER
    CALL_SEVERAL fault_several
    mov rsi, cr2
    call kernel_page_fault
    test byte [rsp + FRAME_CS], 3
    jnz trap_exit
    CALL_SEVERAL copy_several           ; it goes on
    jmp trap_leave_kernel

align 16
global exception_common
exception_common:
    test byte [rsp + 3 * 8], 3          ; CS
    jz exception_of_kernel
exception_of_user:
    swapgs
exception_entered:
    ENTER
    CALL_SEVERAL enter_several
    call trap_exception
    jmp trap_exit
exception_of_kernel:                    ; of IRETQ: GS is the user's already
    push rax
    lea rax, [rel trap_iretq]
    cmp [rsp + 3 * 8], rax              ; RIP
    pop rax
    je exception_of_user
    jmp exception_entered

align 16
global interrupt_common
interrupt_common:
    ENTER_GS
    ENTER
    CALL_SEVERAL enter_several
    call trap_interrupt
    jmp trap_exit

; From another processor, to forget translations. It has the kernel's lock, and waits.
align 16
global shootdown_common
shootdown_common:
    ENTER_GS
    ENTER
    call trap_shootdown
    test byte [rsp + FRAME_CS], 3
    jz trap_leave_kernel
    swapgs
    jmp trap_leave_kernel

; Of whoever comes from user code or from HLT. RDI and the frame stay.
enter_several:
    test byte [rsp + 8 + FRAME_CS], 3
    jnz .wait
    cmp dword [gs:PROCESSOR_MODE], PROCESSOR_IDLE
    jne .has_it
.wait:
    push rdi
    call processor_enter
    pop rdi
.has_it:
    ret

; A page fault: of user code without the kernel's lock; of a copy, which is interrupted.
fault_several:
    test byte [rsp + 8 + FRAME_CS], 3
    jz .of_kernel
    push rdi
    call processor_fault
    pop rdi
    ret
.of_kernel:
    cmp dword [gs:PROCESSOR_MODE], PROCESSOR_COPY
    jne .no_copy
    push rdi
    call processor_copied
    pop rdi
.no_copy:
    ret

; #DB has a stack of its own, because it can come late: MOV SS puts it off by one instruction,
; and if that is SYSCALL, it comes at syscall_entry, while the stack is still the user's (SDM 3A,
; 6.8.3). One from user code is moved to the thread's stack and handled like other exceptions,
; because its handler may have to wait.
align 16
global debug_exception
debug_exception:
    test byte [rsp + 8], 3              ; CS
    jz .of_kernel
    swapgs
    push rax
    mov rax, [gs:PROCESSOR_RSP0]
    sub rax, 5 * 8
%assign word 0
%rep 5                                  ; RIP, CS, RFLAGS, RSP, SS
    push qword [rsp + 8 + word]
    pop qword [rax + word]
%assign word word + 8
%endrep
    xchg rax, [rsp]
    pop rsp
    push 0
    push 1
    jmp exception_entered
.of_kernel:                             ; whose GS it is is not known
    push 0
    push 1
    ENTER
    call trap_debug_in_kernel
    jmp trap_leave_kernel

; #DF, NMI, #MC: on stacks of their own, and not to come back.
align 16
global fatal_common
fatal_common:
    ENTER
    call trap_fatal
    ud2

; ---------------------------------------------------------------- the way out

; _Noreturn void trap_return(struct trap_frame *frame)
global trap_return
trap_return:
    mov rsp, rdi
trap_exit:
    test byte [rsp + FRAME_CS], 3
    jz trap_leave_kernel
    cmp dword [gs:PROCESSOR_RETURN_WORK], 0
    jne trap_work
global trap_leave                       ; from arch/syscall.asm, too
trap_leave:
    CALL_SEVERAL processor_leave
    swapgs
trap_leave_kernel:
    POP_REGISTERS
    add rsp, POPPED_RIP
trap_iretq:
    iretq
    FIXUP trap_iretq, trap_iretq_fault

trap_work:
    CALL_SEVERAL processor_join
    mov rdi, rsp
    call kernel_return_work
    jmp trap_exit

; IRETQ itself faults on a frame that user code may have asked for (a non-canonical RIP by
; sigreturn). All other registers are the user's again and RSP is at the frame it would have
; taken: make it the user's own general protection fault. GS is the kernel's since the fault.
trap_iretq_fault:
    push 0
    push 13
    jmp exception_entered
