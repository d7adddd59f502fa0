"""Mutations of the ways into the kernel and out of it."""

from mutations.mutation import Mutation

FLAGS = ("entry-flags", "flags")

MUTATIONS = [
    Mutation("arch/frame.inc", "DF is kept on a fault", "    cld\n", "", FLAGS),
    Mutation("arch/frame.inc", "AC is kept on a fault", "    USER_CLOSE\n    mov rdi, rsp", "    mov rdi, rsp", FLAGS),
    *(
        Mutation("arch/trap.c", f"{flag} is kept over a system call", "SYSCALL_CLEARS 0x44700ul", f"SYSCALL_CLEARS {value}ul", ("flags", "step", "exec-entry"))
        for flag, value in {"AC": "0x04700", "NT": "0x40700", "DF": "0x44300", "TF": "0x44600", "IF": "0x44500"}.items()
    ),
    Mutation("arch/trap.c", "user code may raise any vector", "if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW)", "if (vector != 14)", ("exceptions",)),
    Mutation("arch/trap.c", "user code may raise the timer's interrupt", "if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW)", "if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW || vector == 32)", ("exceptions",)),
    Mutation("arch/trap.c", "user code may raise the last vector", "if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW)", "if (vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW || vector == 255)", ("exceptions",)),
    Mutation("arch/trap.c", "INT3 is refused", "vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW", "vector == VECTOR_OVERFLOW", ("exceptions",)),
    Mutation("arch/trap.c", "INT 4 is refused", "vector == VECTOR_BREAKPOINT || vector == VECTOR_OVERFLOW", "vector == VECTOR_BREAKPOINT", ("exceptions",)),
    Mutation("arch/trap.c", "gates leave interrupts on", "#define GATE_INTERRUPT 0x8e", "#define GATE_INTERRUPT 0x8f", FLAGS),
    Mutation("arch/processor.c", "there is an LDT", '                     "lldt %w4"', '                     ""', ("exceptions",)),
    Mutation("arch/syscall.asm", "SYSRET with TF", "    test r11d, RFLAGS_TF | RFLAGS_RF\n    jnz trap_leave\n", "", ("step",)),
    Mutation("arch/syscall.asm", "SYSRET with other flags than the frame's", "    cmp r11, [rsp + FRAME_R11]\n    jne trap_leave\n", "", ("entry-flags",)),
    Mutation("arch/syscall.asm", "SYSRET to another address than the frame's", "    cmp rcx, [rsp + FRAME_RCX]\n    jne trap_leave\n", "", ("exec-entry", "signal-state")),
    Mutation("arch/syscall.asm", "a call's return runs no work", "    cmp dword [gs:PROCESSOR_RETURN_WORK], 0\n    jne syscall_work\n", "", ("signal", "signal-state")),
    Mutation("arch/entry.asm", "a fault's return runs no work", "    cmp dword [gs:PROCESSOR_RETURN_WORK], 0\n    jne trap_work\n", "", ("exceptions", "segv")),
    Mutation("arch/entry.asm", "an IRETQ that faults is the kernel's fault", "    FIXUP trap_iretq, trap_iretq_fault\n", "", ("signal-state",)),
    Mutation("arch/user.asm", "the window stays open after a copy", "copy_end:\n    USER_CLOSE\n", "copy_end:\n", FLAGS),
    Mutation("arch/user.asm", "the window stays open after a string", "    jnz string_next\n    USER_CLOSE\n", "    jnz string_next\n", ("file", "flags")),
    Mutation("arch/user.asm", "the window stays open after a string too long", "string_too_long:\n    USER_CLOSE\n", "string_too_long:\n", ("file", "exec", "directory")),
    Mutation("arch/user.asm", "the window stays open after a bad string", "string_fault:\n    USER_CLOSE\n", "string_fault:\n", ("flags", "efault")),
    Mutation("arch/user.asm", "the window stays open after an exchange", "    lock cmpxchg [rdi], edx\n    USER_CLOSE\n", "    lock cmpxchg [rdi], edx\n", ("futex", "threads")),
    Mutation("arch/user.asm", "the window stays open after a refused exchange", "exchange_fault:\n    USER_CLOSE\n", "exchange_fault:\n", ("futex",)),
    Mutation("arch/user.asm", "a string goes on beyond the user's half", "    mov rdx, rax                        ; the user's half ends before the buffer does\n", "", ("efault",)),
    Mutation("arch/user.asm", "a string at the end of the user's half is only too long", "    mov r9d, EFAULT\n", "", ("efault",)),
    Mutation("kernel/trap.c", "the kernel's map can be told by the fault's code", "frame->error | (address >= USER_END ? FAULT_CODE_PRESENT : 0)", "frame->error | 0", ("exceptions",)),
    Mutation("kernel/trap.c", "a handler is told no code", "    current->fault_code = frame->error |", "    current->fault_code = 0 * frame->error |", ("exceptions",)),
    Mutation("kernel/trap.c", "a handler is told no vector", "    current->fault_vector = frame->vector;\n", "", ("exceptions",)),
    Mutation("kernel/trap.c", "a handler is told no address", "    current->fault_address = address;\n", "", ("exceptions",)),
    Mutation("kernel/trap.c", "an instruction may fault for ever", "    return fault_is_implicit(frame) || (!reference && fault_again(frame, address));", "    return (fault_is_implicit(frame) || (!reference && fault_again(frame, address))) && false;", ("selectors",)),
    Mutation("kernel/trap.c", "a handler is told where the processor's tables lie", "        signal_fault(SIGSEGV, SI_KERNEL, 0);\n    else", "        signal_fault(SIGSEGV, SI_KERNEL, address);\n    else", ("selectors",)),
    Mutation("kernel/trap.c", "a fault of the processor's own is the program's", "    if (fault_is_implicit(frame)) /*", "    if (false) /*", ("selectors",)),
    Mutation("kernel/trap.c", "who is killed copies on", "!process_current() || signal_fatal(current)", "!process_current()", ("killed-copy",)),
    Mutation("kernel/exception.c", "a division's signal is another", "signal_fault(SIGFPE, 1, frame->rip)", "signal_fault(SIGFPE, 2, frame->rip)", ("exceptions",)),
    Mutation("kernel/exception.c", "an invalid instruction has no address", "signal_fault(SIGILL, 2, frame->rip)", "signal_fault(SIGILL, 2, 0)", ("exceptions",)),
    Mutation("kernel/exception.c", "a step has another code", "signal_fault(SIGTRAP, 2, frame->rip)", "signal_fault(SIGTRAP, 1, frame->rip)", ("step",)),
    Mutation("kernel/exception.c", "divided by zero and invalid are the same", "    if (raised & X87_INVALID)\n        return 7;\n", "", ("exceptions",)),
    Mutation("boot/boot.asm", ".bss is what a reset has left", "    mov edi, bss_physical\n    mov ecx, bss_words\n    rep stosd\n", "", ("-k memory_need tests/test_boot.py",)),
]
