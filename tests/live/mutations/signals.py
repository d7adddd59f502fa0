"""Mutations of signals: what they do to each other, their frame, the alternate stack."""

from mutations.mutation import Mutation

STACK = ("altstack",)
RULES = ("signal-rules",)
FRAME = ("signal-state", "entry-flags", "exceptions")

MUTATIONS = [
    Mutation("kernel/signal/signal_frame.c", "an alternate stack that is left is not seen", "return on_alternate(rsp - RED_ZONE - need) ? rsp - RED_ZONE : 0;", "return rsp - RED_ZONE;", STACK),
    Mutation("kernel/signal/signal_frame.c", "an alternate stack may be overrun by the red zone", "on_alternate(rsp - RED_ZONE - need)", "on_alternate(rsp - RED_ZONE)", STACK),
    Mutation("kernel/signal/signal_frame.c", "a handler within begins at the top again", "    if (nested)\n", "    if (false && nested)\n", STACK),
    Mutation("kernel/signal/signal_frame.c", "SA_ONSTACK is not heeded", "if ((action->flags & SA_ONSTACK) &&", "if (false &&", STACK),
    Mutation("kernel/signal/signal_frame.c", "every handler goes onto the alternate stack", "if ((action->flags & SA_ONSTACK) &&", "if (", STACK),
    Mutation("kernel/signal/signal_frame.c", "the alternate stack may be changed from on it", "    if (signal_stack_is_on(rsp))\n        return -EPERM;\n", "    (void)rsp;\n", STACK),
    Mutation("kernel/signal/signal_frame.c", "an alternate stack of any size will do", "    if (size < MINSIGSTKSZ)\n        return -ENOMEM;\n", "", STACK),
    Mutation("kernel/signal/signal_frame.c", "one byte less than the smallest will do", "size < MINSIGSTKSZ)", "size + 1 < MINSIGSTKSZ)", STACK),
    Mutation("kernel/signal/signal_frame.c", "the smallest alternate stack is too small", "size < MINSIGSTKSZ)", "size <= MINSIGSTKSZ)", STACK),
    Mutation("kernel/signal/signal_frame.c", "any mode of an alternate stack will do", "    if (mode != 0 && mode != SS_ONSTACK && mode != SS_DISABLE)\n        return -EINVAL;\n", "", STACK),
    Mutation("kernel/signal/signal_frame.c", "SS_AUTODISARM is forgotten", "current->alternate_flags = flags & SS_AUTODISARM;", "current->alternate_flags = 0;", STACK),
    Mutation("kernel/signal/signal_frame.c", "SS_AUTODISARM disarms nothing", "    if (current->alternate_flags & SS_AUTODISARM)\n        stack_reset();\n", "", STACK),
    Mutation("kernel/signal/signal_frame.c", "returning does not bring the alternate stack back", "    signal_stack_set(frame->rsp, context.stack, context.stack_flags, context.stack_size);\n", "", STACK),
    Mutation("kernel/signal/signal_frame.c", "the frame does not name the alternate stack", "        .stack = current->alternate_stack,\n", "", STACK),
    Mutation("kernel/signal/signal_frame.c", "the lower end is on the stack", "rsp > current->alternate_stack &&", "rsp >= current->alternate_stack &&", STACK),
    Mutation("kernel/signal/signal_frame.c", "the upper end is not on the stack", "rsp - current->alternate_stack <= current->alternate_size", "rsp - current->alternate_stack < current->alternate_size", STACK),
    Mutation("kernel/signal/signal_frame.c", "the red zone is written over", "#define RED_ZONE      128", "#define RED_ZONE      0", ("altstack", "signal-state")),
    Mutation("kernel/signal/signal_frame.c", "the FPU's image shows the kernel's stack", "    uint8_t *image = current->context.fpu;\n", "    _Alignas(16) uint8_t image[FPU_BYTES] FILLED_WHOLE;\n", ("--param stack_junk=1 leak", "leak")),
    Mutation("kernel/signal/signal_frame.c", "siginfo shows the kernel's stack", "    memset(encoded, 0, 128);\n", "", ("--param stack_junk=1 leak",)),
    Mutation("kernel/signal/signal_frame.c", "a handler begins with DF", "~(uint64_t)(RFLAGS_DF | RFLAGS_TF)", "~(uint64_t)(RFLAGS_TF)", FRAME),
    Mutation("kernel/signal/signal_frame.c", "a handler is stepped", "~(uint64_t)(RFLAGS_DF | RFLAGS_TF)", "~(uint64_t)(RFLAGS_DF)", ("step",)),
    Mutation("kernel/signal/signal_frame.c", "a program sets any flag by sigreturn", "(from->rflags & RFLAGS_USER);", "from->rflags;", ("entry-flags", "signal-state")),
    Mutation("kernel/signal/signal_frame.c", "flags are lost over a handler", "(frame->rflags & ~(uint64_t)RFLAGS_USER) |", "RFLAGS_IF | 2 |", ("entry-flags",)),
    Mutation("kernel/signal/signal_frame.c", "MXCSR is loaded unmasked", "    image[FPU_MXCSR + 2] = image[FPU_MXCSR + 3] = 0; /* reserved bits would fault */\n", "", ("signal-state",)),
    Mutation("kernel/signal/signal_frame.c", "the mask is not put back", "    signal_set_mask(context.mask);\n", "", ("signal", "signal-state")),
    Mutation("kernel/signal/signal_frame.c", "a frame says no address", "        .cr2 = current->fault_address,\n", "", ("exceptions",)),
    Mutation("kernel/signal/signal_frame.c", "a frame says no error code", "        .error = current->fault_code,\n", "", ("exceptions",)),
    Mutation("kernel/signal/signal_frame.c", "any RIP is taken", "if (context.rip >> 47 || !fpu_pop", "if (!fpu_pop", ("signal-rules",)),
    Mutation("kernel/signal/signal_frame.c", "a handler within begins in the red zone", "? rsp - RED_ZONE : 0;", "? rsp : 0;", RULES),
    Mutation("kernel/signal/signal_frame.c", "a handler needs no way back", "top == 0 || !(action->flags & SA_RESTORER)", "top == 0", RULES),
    Mutation("kernel/signal/signal_frame.c", "without an image the FPU stays as the handler left it", "        fpu_reset();\n        return true;", "        return true;", RULES),
    Mutation("kernel/signal/signal_frame.c", "a frame without an FPU's image is refused", "        fpu_reset();\n        return true;", "        return false;", RULES),
    Mutation("kernel/signal/signal_frame.c", "what a handler returns to is a call to begin again", "    frame->vector = 0; /* its result is no call's: nothing to begin again */\n", "", RULES),
    Mutation("kernel/signal/signal.c", "SIGCONT leaves stops that wait", "        signal_discard(process, DEFAULT_STOPS);\n", "", RULES),
    Mutation("kernel/signal/signal.c", "a stop leaves a SIGCONT that waits", "        signal_discard(process, SIGNAL_BIT(SIGCONT));\n", "        ;\n", RULES),
    Mutation("kernel/signal/signal.c", "what waits for a thread is not taken back", "        signal_discard_thread(thread, set);\n", "        ;\n", RULES),
    Mutation("kernel/signal/signal.c", "what waits for the process is not taken back", "    process->signals_pending &= ~set;\n    signal_queue_discard(&process", "    signal_queue_discard(&process", RULES),
    Mutation("kernel/signal/signal.c", "SIGTSTP alone is taken back", "    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) | SIGNAL_BIT(SIGTTOU))", "    (SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP))", RULES),
    Mutation("kernel/signal/signal.c", "faults wait for signals of lower numbers", "uint64_t urgent = set & SYNCHRONOUS;", "uint64_t urgent = set & 0;", RULES),
    *(
        Mutation("kernel/signal/signal.c", f"{name} waits for signals of lower numbers", f"SIGNAL_BIT({name}) | SIGNAL_BIT({other})", f"SIGNAL_BIT({other})", RULES)
        for name, other in (("SIGSEGV", "SIGBUS"), ("SIGILL", "SIGFPE"), ("SIGTRAP", "SIGSYS"))
    ),
    Mutation("kernel/signal/signal.c", "an orphaned process group is stopped", "signal != SIGSTOP && process_group_orphaned(process->group)", "false", RULES),
    Mutation("kernel/signal/signal.c", "SIGSTOP does not stop an orphaned process group", "signal != SIGSTOP && process_group", "process_group", RULES),
    Mutation("kernel/signal/signal.c", "every process group is orphaned", "            return false;\n    return true;\n}\n\n/* Until the process goes on", "            return true;\n    return true;\n}\n\n/* Until the process goes on", RULES),
    Mutation("kernel/signal/signal_queue.c", "an overrun is forgotten", "entry->info.user += info->user + 1;", "entry->info.user += info->user;", RULES),
    Mutation("kernel/signal/itimer.c", "what was skipped is not told", "        info->user += itimer_tell_skipped(itimer);\n", "", RULES),
    Mutation("kernel/signal/itimer.c", "timer_getoverrun knows of none", "        itimer->overruns = info->user;\n", "", RULES),
    Mutation("kernel/linux/time.c", "what is begun again has its whole time again", "    return kept ? kept : deadline;", "    return (void)kept, deadline;", ("time-limits",)),
    Mutation("kernel/linux/poll.c", "poll has its whole time again", "deadline_keep(deadline_of_milliseconds(milliseconds))", "deadline_of_milliseconds(milliseconds)", ("time-limits",)),
    Mutation("kernel/signal/signal.c", "epoll_wait goes on after a stop", "    if (stops && call_ends_by_stop(frame))\n", "    if (false && stops && call_ends_by_stop(frame))\n", ("time-limits",)),
    Mutation("kernel/signal/signal.c", "who handles one signal takes another that is waited for", "        common &= ~awaited_elsewhere(current);\n", "        ;\n", ("signal-await",)),
    Mutation("kernel/signal/signal.c", "who waits for a signal is not told of it", "        if (other->signals_awaited & SIGNAL_BIT(signal)) {\n", "        if (false) {\n", ("signal-await",)),
    Mutation("kernel/linux/signal.c", "what is not blocked is kept while it is waited for", "current->signals_awaited = blocked & set;", "current->signals_awaited = set;", ("signal-await",)),
    Mutation("kernel/linux/process_calls.c", "waitid shows the kernel's stack where there is no news", "uint8_t encoded[128] = {0};", "uint8_t encoded[128] FILLED_WHOLE;", ("--param stack_junk=1 leak",)),
    Mutation("kernel/linux/signal.c", "who waits takes what is to end the process", "signal_take(set & ~signal_deadly(set & open), info)", "((void)open, signal_take(set, info))", ("signal-await",)),
    Mutation("kernel/linux/signal.c", "what is blocked and deadly ends who waits for it", "signal_deadly(set & open)", "signal_deadly(((void)open, set))", ("signal-await", "signal")),
    Mutation("kernel/signal/signal.c", "what leaves a core ends who waits for it", "for (set &= ~DEFAULT_DUMPS; set;", "for (; set;", ("signal-await",)),
]
