"""Mutations of exec and fork: what a new program, or a child, must not get, and must keep."""

from mutations.mutation import Mutation

ENTRY = ("exec-entry",)
RESET = ("exec-reset",)

MUTATIONS = [
    Mutation("kernel/process/exec.c", "the alternate stack survives exec", "    current->alternate_stack = current->alternate_size = 0;\n    current->alternate_flags = SS_DISABLE;\n", "", ENTRY),
    Mutation("kernel/process/exec.c", "GS base survives exec", "    cpu_set_gs_base(0);\n", "", ENTRY),
    Mutation("kernel/process/exec.c", "FS base survives exec", "    cpu_set_fs_base(0);\n", "", ENTRY),
    Mutation("kernel/process/exec.c", "the FPU's state survives exec", "    fpu_reset();\n", "", ENTRY),
    Mutation("kernel/process/exec.c", "segments survive exec", "    cpu_clear_segments();\n", "", ENTRY),
    Mutation("kernel/process/exec.c", "registers survive exec", "    memset(current->user_frame, 0, sizeof(*current->user_frame));\n", "", ENTRY),
    Mutation("arch/context.c", "MXCSR is not reset", "    __builtin_memcpy(image + 24, &mxcsr, sizeof(mxcsr));\n", "    (void)mxcsr;\n", ENTRY),
    Mutation("arch/context.c", "the x87 control word is not reset", "    __builtin_memcpy(image, &fcw, sizeof(fcw)); /* offsets: SDM 1, table 10-2 */\n", "    (void)fcw;\n", ENTRY),
    Mutation("kernel/process/exec.c", "AT_RANDOM is the same always", "    random_fill(fixed + 16, 16);\n", "", RESET),
    Mutation("kernel/process/exec.c", "half of AT_RANDOM is the same always", "random_fill(fixed + 16, 16);", "random_fill(fixed + 16, 8);", RESET),
    Mutation("kernel/process/exec.c", "arguments may fill the whole stack", "    if (STACK_TOP - exec->rsp > limit / 4 * 3)\n        return -E2BIG;\n", "    (void)limit;\n", ("exec-arguments",)),
    Mutation("kernel/process/exec.c", "arguments may fill all but an eighth of the stack", "limit / 4 * 3)", "limit / 8 * 7)", ("exec-arguments",)),
    Mutation("kernel/process/exec.c", "arguments may fill half of the stack", "limit / 4 * 3)", "limit / 4 * 2)", ("exec-arguments",)),
    Mutation("kernel/process/arguments.c", "a string may be a page too long", "return arguments->length - begin > STRING_MAX ? -E2BIG : 0;", "return 0;", ("exec-arguments",)),
    Mutation("kernel/process/arguments.c", "a string may be of any length", "        if (arguments->length - begin >= STRING_MAX)\n            return -E2BIG;\n", "", ("exec-arguments",)),
    Mutation("kernel/process/arguments.c", "a string must be shorter", "#define STRING_MAX      (128ul << 10)", "#define STRING_MAX      (127ul << 10)", ("exec-arguments",)),
    Mutation("kernel/process/exec.c", "descriptors survive exec", "    files_close_on_exec(process->files);\n", "", RESET),
    Mutation("kernel/process/exec.c", "exec has done nothing, says setpgid", "    process->execed = true;\n", "", RESET),
    Mutation("kernel/process/exec.c", "mlockall survives exec", "    process->locks_future = false;\n", "", RESET),
    Mutation("kernel/process/exec.c", "timers survive exec", "    itimer_end(process, true);\n", "", RESET),
    Mutation("kernel/process/exec.c", "no timer survives exec", "    itimer_end(process, true);\n", "    itimer_end(process, false);\n", RESET),
    Mutation("kernel/process/exec.c", "the name survives exec", "    text_copy(process->name, slash ? slash + 1 : exec->path, sizeof(process->name));\n", "    (void)slash;\n", RESET),
    Mutation("kernel/process/exec.c", "the name has the folder in it", "slash ? slash + 1 : exec->path", "exec->path + 0 * (slash - exec->path)", RESET),
    Mutation("kernel/process/exec.c", "who waits for vfork waits on", "    process_release_parent(process);\n", "", RESET),
    Mutation("kernel/process/fork.c", "files are shared beyond exec", "    if (!process->files_shared)\n        return true;\n", "    if (true)\n        return true;\n", RESET),
    Mutation("kernel/process/exec.c", "no page size in the vector", "words_put_pair(words, AT_PAGESZ, PAGE_SIZE)", "words_put_pair(words, AT_PAGESZ, 0)", ("exec",)),
    Mutation("kernel/process/exec.c", "what was given up is given up for ever", "        process->dropped[0] = process->dropped[1] = 0;\n", "        ;\n", RESET),
    Mutation("kernel/process/exec.c", "only what is effective comes back", "process->dropped[0] = process->dropped[1] = 0;", "process->dropped[0] = 0;", RESET),
    Mutation("kernel/process/exec.c", "no_new_privs gives back what was given up", "    if (!process->no_new_privileges)\n", "    if (true)\n", RESET),
    Mutation("kernel/process/exec.c", "a program that cannot be laid out is returned to", "        process_end(SIGSEGV);\n", "", ("exec",)),
    Mutation("kernel/process/exec.c", "a program runs half laid out", "!program_leave(exec) || !space_fill(exec)", "!program_leave(exec) || (space_fill(exec), false)", ("exec",)),
    Mutation("kernel/signal/signal_handlers.c", "ignored signals are not kept", "(struct signal_action){.handler = kept}", "(struct signal_action){.handler = SIG_DFL * kept}", RESET),
    Mutation("kernel/signal/signal_handlers.c", "handlers survive exec", "uint64_t kept = action->handler == SIG_IGN ? SIG_IGN : SIG_DFL;", "uint64_t kept = action->handler;", RESET),
    Mutation("kernel/signal/signal_handlers.c", "the flags of actions survive exec", "(struct signal_action){.handler = kept}", "(struct signal_action){.handler = kept, .flags = action->flags}", RESET),
    Mutation("kernel/process/exit.c", "the list of robust locks survives exec", "    robust_list_release(); /* while it has the id that its locks know */\n", "", RESET),
    Mutation("kernel/process/exit.c", "CLONE_CHILD_CLEARTID is forgotten at exec", "    if (current->clear_child_tid)\n        tid_clear(process);\n    current->id", "    current->id", RESET),
    Mutation("kernel/process/fork.c", "a child begins with another mask", "    thread->signals_blocked = current->signals_blocked;\n", "", ("fork",)),
    Mutation("kernel/process/fork.c", "a child may be given privileges again", "    child->no_new_privileges = parent->no_new_privileges;\n", "", ("fork",)),
    Mutation("kernel/process/fork.c", "a child has no FPU state", "    context_save_user(&thread->context);\n", "", ("fpu",)),
    Mutation("kernel/process/fork.c", "a child has no alternate stack", "        thread->alternate_stack = current->alternate_stack;\n", "", ("altstack",)),
]
