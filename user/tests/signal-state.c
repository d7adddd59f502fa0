/* signal-state.c - a handler leaves no trace: registers, flags and FPU are as they were, on
 * whichever stack it ran; and what it changes in its frame on purpose takes effect, as far
 * as that is a user's to change. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { GENERAL = 9, VECTORS = 4, CARRY = 1 << 0, DIRECTION = 1 << 10 };

/* Known to the assembly below by its offsets. */
struct state {
    uint64_t general[GENERAL]; /*   0 r8 r9 r10 rdx rbp r12 r13 r14 r15 */
    double vector[VECTORS];    /*  72 xmm0 xmm1 xmm7 xmm15 */
    double fpu;                /* 104 top of the x87 stack */
    uint64_t flags;            /* 112 out only */
};

/* Load the registers from `state`, send ourselves SIGUSR1, store them there again. */
void state_across_signal(struct state *state, pid_t self);
__asm__(".text\n"
        "state_across_signal:\n"
        "    push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "    mov %rdi, %rbx; mov %rsi, %rdi; mov $10, %esi; mov $62, %eax\n"
        "    mov 0(%rbx), %r8; mov 8(%rbx), %r9; mov 16(%rbx), %r10; mov 24(%rbx), %rdx\n"
        "    mov 32(%rbx), %rbp; mov 40(%rbx), %r12; mov 48(%rbx), %r13\n"
        "    mov 56(%rbx), %r14; mov 64(%rbx), %r15\n"
        "    movsd 72(%rbx), %xmm0; movsd 80(%rbx), %xmm1; movsd 88(%rbx), %xmm7\n"
        "    movsd 96(%rbx), %xmm15; fldl 104(%rbx)\n"
        "    std; stc; syscall; pushfq; cld; popq 112(%rbx)\n"
        "    mov %r8, 0(%rbx); mov %r9, 8(%rbx); mov %r10, 16(%rbx); mov %rdx, 24(%rbx)\n"
        "    mov %rbp, 32(%rbx); mov %r12, 40(%rbx); mov %r13, 48(%rbx)\n"
        "    mov %r14, 56(%rbx); mov %r15, 64(%rbx)\n"
        "    movsd %xmm0, 72(%rbx); movsd %xmm1, 80(%rbx); movsd %xmm7, 88(%rbx)\n"
        "    movsd %xmm15, 96(%rbx); fstpl 104(%rbx)\n"
        "    pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret\n");

static volatile sig_atomic_t calls;
static volatile uintptr_t handler_stack;
static volatile uint64_t handler_flags;

/* Overwrite all that a handler may: registers that are the callee's, and the whole FPU. */
static void scribble(int signal)
{
    uint64_t flags;

    (void)signal;
    calls++;
    handler_stack = (uintptr_t)__builtin_frame_address(0);
    __asm__ volatile("pushfq; pop %0" : "=r"(flags));
    handler_flags = flags;
    __asm__ volatile(
        "mov $-1, %%rax; mov %%rax, %%rcx; mov %%rax, %%rdx; mov %%rax, %%rsi\n"
        "mov %%rax, %%rdi; mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10\n"
        "mov %%rax, %%r11; pcmpeqd %%xmm0, %%xmm0; movaps %%xmm0, %%xmm1\n"
        "movaps %%xmm0, %%xmm7; movaps %%xmm0, %%xmm15; fninit; fldpi"
        :
        :
        : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm1",
          "xmm7", "xmm15", "cc", "memory");
}

static void handle(int signal, void (*handler)(int), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

    sigaction(signal, &action, NULL);
}

static void test_registers(void)
{
    const struct state before = {
        {0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, 0x7777, 0x8888, 0x9999},
        {1.5, 2.5, 3.5, 4.5},
        5.5,
        0};
    struct state after = before;

    calls = 0;
    handle(SIGUSR1, scribble, 0);
    state_across_signal(&after, getpid());
    check_equal(calls, 1, "a handler that overwrites all it may");
    check(memcmp(before.general, after.general, sizeof(before.general)) == 0,
          "the general registers are as they were");
    check(memcmp(before.vector, after.vector, sizeof(before.vector)) == 0,
          "the vector registers too");
    check(after.fpu == before.fpu, "and the x87 stack");
    check((after.flags & CARRY) && (after.flags & DIRECTION), "and the flags");
    check(!(handler_flags & DIRECTION), "the handler itself starts with DF clear");
    check(handler_stack % 16 == 0, "and with its stack aligned as after a call");
}

static void test_interrupted(void)
{
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {0};
    long wrong = 0;

    calls = 0;
    handle(SIGALRM, scribble, SA_RESTART);
    setitimer(ITIMER_REAL, &often, NULL);
    while (calls < 20) {
        double sum = 0, step = 0.5;

        for (int i = 0; i < 10000; i++) {
            __asm__ volatile("" : "+x"(sum), "+x"(step));
            sum += step;
        }
        wrong += sum != 5000;
    }
    setitimer(ITIMER_REAL, &never, NULL);
    check_equal(wrong, 0, "a computation interrupted 20 times comes out right");
}

static char alternate[16384];
static stack_t inside;
static int change_inside;

static bool on_alternate(uintptr_t stack)
{
    return stack >= (uintptr_t)alternate &&
           stack < (uintptr_t)alternate + sizeof(alternate);
}

static void on_stack(int signal)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    scribble(signal);
    sigaltstack(NULL, &inside);
    change_inside = sigaltstack(&none, NULL) == 0 ? 0 : errno;
}

static void test_alternate(void)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, told;
    stack_t tiny = {.ss_sp = alternate, .ss_size = 100};
    stack_t odd = {.ss_sp = alternate, .ss_size = sizeof(alternate), .ss_flags = 0x100};

    check(sigaltstack(NULL, &told) == 0 && told.ss_flags == SS_DISABLE, "none at first");
    check(sigaltstack(&tiny, NULL) == -1 && errno == ENOMEM, "one too small: ENOMEM");
    check(sigaltstack(&odd, NULL) == -1 && errno == EINVAL, "unknown flags: EINVAL");
    check_equal(sigaltstack(&stack, NULL), 0, "sigaltstack");
    handle(SIGUSR1, on_stack, 0);
    raise(SIGUSR1);
    check(!on_alternate(handler_stack), "without SA_ONSTACK it is not used");
    sigaltstack(&stack, NULL);
    handle(SIGUSR1, on_stack, SA_ONSTACK);
    raise(SIGUSR1);
    check(on_alternate(handler_stack), "with SA_ONSTACK it is");
    check(inside.ss_flags & SS_ONSTACK, "which the handler can see");
    check_equal(change_inside, EPERM, "and not change while it stands on it");
    check(sigaltstack(NULL, &told) == 0 && told.ss_flags == 0 && told.ss_sp == alternate,
          "afterwards it is free again");
    handle(SIGUSR1, SIG_DFL, 0);
}

static void skip_instruction(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;

    (void)signal;
    (void)info;
    frame->uc_mcontext.gregs[REG_RIP] += 2;
    frame->uc_mcontext.gregs[REG_RAX] = 1234;
}

static void test_frame(void)
{
    struct sigaction action = {.sa_sigaction = skip_instruction, .sa_flags = SA_SIGINFO};
    long result = 0;

    sigaction(SIGILL, &action, NULL);
    __asm__ volatile("ud2" : "+a"(result));
    check_equal(result, 1234, "a handler may change registers and skip an instruction");
    signal(SIGILL, SIG_DFL);
}

static int what_to_break;

static void break_frame(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    gregset_t *registers = &frame->uc_mcontext.gregs;

    (void)signal;
    (void)info;
    switch (what_to_break) {
    case 0:
        (*registers)[REG_RIP] = (greg_t)0xffffffff80100000;
        break;
    case 1:
        (*registers)[REG_RIP] = 0x800000000000;
        break;
    case 2:
        (*registers)[REG_RSP] = (greg_t)0xffff800000000000;
        break;
    case 3:
        frame->uc_mcontext.fpregs = (void *)0xffff800000000000;
        break;
    case 4:
        (*registers)[REG_EFL] |= 3 << 12; /* IOPL 3: leave to use ports */
        break;
    case 5:
        if (frame->uc_mcontext.fpregs)
            frame->uc_mcontext.fpregs->mxcsr = 0xffffffff;
        break;
    }
}

static int broken(void *what)
{
    struct sigaction action = {.sa_sigaction = break_frame, .sa_flags = SA_SIGINFO};

    what_to_break = *(int *)what;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    if (what_to_break == 4)
        __asm__ volatile("outb %%al, $0x80" : : "a"(0));
    return 77;
}

static void test_broken_frames(void)
{
    static const char *const names[] = {"a return address in the kernel",
                                        "a non-canonical return address",
                                        "a stack in the kernel",
                                        "an FPU state in the kernel",
                                        "leave to use ports",
                                        "an impossible MXCSR"};

    for (int i = 0; i < 6; i++) {
        int status = child_run(broken, &i);

        check((WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV) ||
                  (i == 5 && WEXITSTATUS(status) == 77),
              "a frame with %s harms only its own process", names[i]);
    }
}

int main(void)
{
    test_registers();
    test_interrupted();
    test_alternate();
    test_frame();
    test_broken_frames();
    return tap_end();
}
