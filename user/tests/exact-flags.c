/* exact-flags.c - exact mode works with the single-step flag; no program ever sees it. Not
 * in what PUSHF pushes, not in R11 behind a system call, not in a handler's frame or in the
 * handler, not in a child, not after sigreturn. Here the code itself lies in a page of the
 * group, so that each instruction traps. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/exact.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGES = 6, TRAP = 1 << 8, CODE = 4, STACK = 2 };

static char *page;

static char *at(int number)
{
    return page + number * PAGE;
}

/* The code that is copied into the page: position does not matter to it. */
extern const char code_start[], code_end[], code_pushf[], code_pushf16[], code_r11[],
    code_loop[], code_alternate[], code_fault[];
__asm__(".text\n"
        "code_start:\n"
        /* the flags, pushed on the stack given in RDI */
        "code_pushf:\n"
        "    mov %rsp, %rdx; mov %rdi, %rsp; pushfq; pop %rax; mov %rdx, %rsp; ret\n"
        "code_pushf16:\n"
        "    mov %rsp, %rdx; mov %rdi, %rsp; xor %eax, %eax; pushfw; pop %ax\n"
        "    mov %rdx, %rsp; ret\n"
        /* R11 as SYSCALL leaves it */
        "code_r11:\n"
        "    mov $39, %eax; syscall; mov %r11, %rax; ret\n"
        /* RSI times: count up in (RDI) until (RDX) is not 0 */
        "code_loop:\n"
        "    xor %eax, %eax\n"
        "1:  add $1, %rax; mov %rax, (%rdi); cmpl $0, (%rdx); jne 2f\n"
        "    cmp %rsi, %rax; jb 1b\n"
        "2:  ret\n"
        /* popf of what pushf pushed, in the middle of flags that must survive */
        "code_alternate:\n"
        "    mov %rsp, %rdx; mov %rdi, %rsp; stc; pushfq; clc; popfq; setc %al\n"
        "    movzbl %al, %eax; mov %rdx, %rsp; ret\n"
        /* reads a word, then faults */
        "code_fault:\n"
        "    movsq; ret\n"
        "code_end:\n");

static const void *in_page(const char *code)
{
    return at(CODE) + (code - code_start);
}

static volatile sig_atomic_t caught;
static volatile uint64_t frame_flags, handler_flags, frame_rip;

static void handler(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;
    uint64_t flags;

    (void)info;
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    handler_flags |= flags;
    frame_flags |= user->uc_mcontext.gregs[REG_EFL];
    frame_rip = user->uc_mcontext.gregs[REG_RIP];
    caught++;
    *(volatile int *)at(3) = caught;
    if (number == SIGSEGV)
        user->uc_mcontext.gregs[REG_RIP] += 2; /* past the movsq */
}

static void catch (int number, int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

    sigaction(number, &action, NULL);
    caught = 0;
    frame_flags = handler_flags = 0;
}

static void test_pushf(void)
{
    uint64_t (*flags)(void *) = (uint64_t(*)(void *))in_page(code_pushf);
    uint64_t (*flags16)(void *) = (uint64_t(*)(void *))in_page(code_pushf16);
    uint64_t (*carry)(void *) = (uint64_t(*)(void *))in_page(code_alternate);
    uint64_t (*r11)(void) = (uint64_t(*)(void))in_page(code_r11);

    exact_begin();
    uint64_t pushed = flags(at(STACK) + 128), short_pushed = flags16(at(STACK) + 128);
    uint64_t from_call = r11(), kept = carry(at(STACK) + 128);
    const char *string = exact_end();
    check(strncmp(string, "x4 x4 x4 w2 x4 r2 x4 x4", 23) == 0, "PUSHF traps: %.23s",
          string);
    check_equal(pushed & TRAP, 0, "what it pushed has no TF");
    check(pushed & 0x200, "but the other flags");
    check_equal(short_pushed & TRAP, 0, "nor has what PUSHFW pushed");
    check_equal(from_call & TRAP, 0, "R11 behind a system call has none");
    check_equal(kept, 1, "POPF brings flags back");
    uint64_t stack_flags;
    exact_begin();
    __asm__ volatile("mov %%rsp, %%r12; mov %1, %%rsp; pushfq; pop %0; mov %%r12, %%rsp"
                     : "=&r"(stack_flags)
                     : "r"(at(STACK) + 128)
                     : "r12", "memory");
    exact_end();
    check_equal(stack_flags & TRAP, 0, "nor when only the stack traps");
}

static void test_signals(void)
{
    uint64_t (*loop)(void *, long, void *) =
        (uint64_t(*)(void *, long, void *))in_page(code_loop);
    struct itimerval soon = {.it_value = {.tv_usec = 3000}};

    catch (SIGALRM, 0);
    memset(at(3), 0, 8);
    exact_begin();
    setitimer(ITIMER_REAL, &soon, NULL);
    uint64_t rounds = loop(at(0), 100000, at(3));
    exact_tell("memory.exact", "0");
    check(caught == 1 && rounds < 100000, "a signal in the middle of it (round %ld)",
          (long)rounds);
    check(frame_rip >= (uintptr_t)at(CODE) && frame_rip < (uintptr_t)at(CODE + 1),
          "between two instructions that trap");
    check_equal(frame_flags & TRAP, 0, "no TF in the handler's frame");
    check_equal(handler_flags & TRAP, 0, "nor in the handler");
    check_equal(*(volatile long *)at(0), rounds, "and the program went on where it was");
}

static void test_fault(void)
{
    void *nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void (*move)(void *, void *) = (void (*)(void *, void *))in_page(code_fault);
    static char alternate[SIGSTKSZ];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};

    sigaltstack(&stack, NULL);
    catch (SIGSEGV, SA_ONSTACK);
    exact_begin();
    move(nothing, at(0));
    const char *string = exact_end();
    check_equal(caught, 1, "an instruction that may not go on: SIGSEGV");
    check_equal((frame_flags | handler_flags) & TRAP, 0, "no TF there either");
    check(strcmp(string, "x4 r0 w3 x4") == 0,
          "what it had referred to, the handler, and on: %s", string);
    signal(SIGSEGV, SIG_DFL);
    munmap(nothing, PAGE);
}

static void child_look(void)
{
    uint64_t (*flags)(void *) = (uint64_t(*)(void *))in_page(code_pushf);

    _exit((flags(at(STACK) + 128) & TRAP) != 0);
}

static void test_children(void)
{
    int status;

    exact_begin();
    pid_t child = fork();
    if (child == 0)
        child_look();
    waitpid(child, &status, 0);
    check_equal(status, 0, "a child has no TF");
    child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c",
              "x=1; while test $x -lt 20; do x=$((x+1)); done; exit $x", NULL);
        _exit(1);
    }
    waitpid(child, &status, 0);
    exact_tell("memory.exact", "0");
    check_equal(WEXITSTATUS(status), 20, "a shell runs in exact mode, and ends as ever");
    check(group_number(EXACT_GROUP, "memory.stat", "exact_references") > 1000,
          "each reference of it a trap");
    child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    waitpid(child, &status, 0);
    check_equal(status, 0, "vfork and exec");
}

/* Not supported, but harmless: the flag is the program's until its next reference. */
static void test_own(void)
{
    catch (SIGTRAP, 0);
    exact_begin();
    __asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq; nop; mov %%eax, (%0); nop; nop"
                     :
                     : "r"(at(0))
                     : "memory", "cc");
    exact_tell("memory.exact", "0");
    check(caught >= 1 && caught <= 3,
          "a program that steps itself is told, up to a reference");
    signal(SIGTRAP, SIG_DFL);
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("Faultline's own", "exact mode");
        return tap_end();
    }
    page = exact_open(PAGES);
    memcpy(at(CODE), code_start, code_end - code_start);
    if (mprotect(at(CODE), PAGE, PROT_READ | PROT_EXEC) < 0)
        bail("mprotect");
    for (int i = 0; i < CODE; i++)
        *(volatile char *)at(i) = 1;
    test_pushf();
    test_signals();
    test_fault();
    test_children();
    test_own();
    exact_close();
    return tap_end();
}
