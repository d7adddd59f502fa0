/* probe.c - see probe.h. */
#define _GNU_SOURCE
#include "user/lib/probe.h"

#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int report; /* the child's end of a pipe: a shared page would disturb the space */

static void on_refusal(int signal, siginfo_t *info, void *context)
{
    (void)context;
    struct refusal refusal = {true, signal, info->si_code, (uintptr_t)info->si_addr};
    _exit(write(report, &refusal, sizeof(refusal)) != sizeof(refusal));
}

static void handlers_install(void)
{
    static char stack_space[16384];
    stack_t stack = {.ss_sp = stack_space, .ss_size = sizeof(stack_space)};
    struct sigaction action = {.sa_sigaction = on_refusal,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&stack, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
}

struct refusal probe_step(void (*step)(uintptr_t argument), uintptr_t argument)
{
    struct refusal result = {0};
    int ends[2];

    if (pipe(ends) != 0)
        bail("pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        bail("fork");
    if (child == 0) {
        report = ends[1];
        handlers_install();
        step(argument);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], &result, sizeof(result)) != sizeof(result))
        result.refused = false;
    close(ends[0]);
    int status = child_wait(child);
    if (WIFSIGNALED(status))
        result = (struct refusal){.refused = true, .signal = WTERMSIG(status)};
    return result;
}

static void step_read(uintptr_t address)
{
    char value;

    __asm__ volatile("movb (%1), %0" : "=q"(value) : "r"(address));
}

static void step_write(uintptr_t address)
{
    __asm__ volatile("movb $1, (%0)" : : "r"(address) : "memory");
}

static void step_execute(uintptr_t address)
{
    __asm__ volatile("call *%0" : : "r"(address) : "memory");
}

struct refusal probe(enum access how, uintptr_t address)
{
    static void (*const steps[])(uintptr_t) = {step_read, step_write, step_execute};

    return probe_step(steps[how], address);
}

const char *access_name(enum access how)
{
    static const char *const names[] = {"read", "write", "execute"};

    return names[how];
}

const char *code_name(int signal, int code)
{
    if (signal == SIGSEGV && code == SEGV_MAPERR)
        return "SEGV_MAPERR";
    if (signal == SIGSEGV && code == SEGV_ACCERR)
        return "SEGV_ACCERR";
    if (signal == SIGBUS && code == BUS_ADRERR)
        return "BUS_ADRERR";
    return code == SI_KERNEL ? "SI_KERNEL" : "?";
}
