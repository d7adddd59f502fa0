/* altstack.c - the alternate signal stack in every state it can be in: chosen and changed,
 * stood on, nested, left by longjmp, disarmed while a handler runs, full, and too small. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { SIZE = 32768, MINIMUM = 2048, BELOW = 65536, RED_ZONE = 128 };

static uint8_t first[SIZE] __attribute__((aligned(64)));
static uint8_t second[SIZE] __attribute__((aligned(64)));

/* The call itself: the C library has opinions of its own. */
static int call(const void *next, void *old)
{
    return -raw3(SYS_sigaltstack, (long)next, (long)old, 0);
}

static int set(void *start, size_t size, int flags)
{
    stack_t stack = {.ss_sp = start, .ss_size = size, .ss_flags = flags};

    return call(&stack, NULL);
}

static stack_t told(void)
{
    stack_t stack;

    call(NULL, &stack);
    return stack;
}

static bool on(const uint8_t *stack, uintptr_t address)
{
    return address >= (uintptr_t)stack && address < (uintptr_t)stack + SIZE;
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};

    sigaction(signal, &action, NULL);
}

/* --- Setting ------------------------------------------------------------------------- */

static void test_setting(void)
{
    stack_t old, next = {.ss_sp = second, .ss_size = SIZE};

    check(told().ss_flags == SS_DISABLE && !told().ss_sp && !told().ss_size,
          "none at first");
    check_equal(set(first, MINIMUM - 1, 0), ENOMEM, "one byte too small: ENOMEM");
    check_equal(set(first, 0, 0), ENOMEM, "no byte: ENOMEM");
    check_equal(told().ss_flags, SS_DISABLE, "what was refused changed nothing");
    check_equal(set(first, MINIMUM, 0), 0, "as small as may be");
    check_equal(set(first, SIZE, SS_ONSTACK | SS_DISABLE), EINVAL, "two modes: EINVAL");
    check_equal(set(first, SIZE, 4), EINVAL, "an unknown mode: EINVAL");
    check_equal(set(first, SIZE, 1 << 30), EINVAL, "an unknown flag: EINVAL");
    check_equal(set(first, SIZE, SS_ONSTACK), 0, "SS_ONSTACK says nothing");
    check(told().ss_sp == first && told().ss_size == SIZE, "it is told as it was set");
    check(call(&next, &old) == 0 && old.ss_sp == first, "a new one, and the old told");
    check_equal(set((void *)8, 1, SS_DISABLE), 0, "SS_DISABLE looks at nothing else");
    check(told().ss_flags == SS_DISABLE && !told().ss_sp && !told().ss_size, "none again");
    check_equal(call((void *)8, NULL), EFAULT, "a bad address: EFAULT");
    check_equal(call(NULL, (void *)8), EFAULT, "for the old one as well");
}

/* --- Standing on it ------------------------------------------------------------------ */

static struct {
    uintptr_t at;     /* where the handler stood */
    uintptr_t frame;  /* its ucontext */
    stack_t inside;   /* what sigaltstack told it */
    int change, off;  /* errno of changing it, and of giving it up, from there */
    stack_t saved;    /* uc_stack */
    uintptr_t nested; /* where a handler within stood */
} seen;

static void look(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    seen.at = (uintptr_t)__builtin_frame_address(0);
    seen.frame = (uintptr_t)context;
    seen.inside = told();
    seen.saved = ((ucontext_t *)context)->uc_stack;
    seen.change = set(second, SIZE, 0);
    seen.off = set(NULL, 0, SS_DISABLE);
}

static void look_nested(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    seen.nested = (uintptr_t)__builtin_frame_address(0);
}

static void look_and_raise(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    seen.at = (uintptr_t)__builtin_frame_address(0);
    raise(SIGUSR2);
}

static void test_standing(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    set(first, SIZE, 0);
    handle(SIGUSR1, look, 0);
    raise(SIGUSR1);
    check(!on(first, seen.at) && here - seen.at < SIZE, "without SA_ONSTACK: not used");
    check(seen.inside.ss_flags == 0, "nor told as in use");
    check(seen.change == 0 && seen.off == 0, "so that it can be changed, and given up");
    check(told().ss_sp == first && told().ss_size == SIZE,
          "but returning brings back what was when the signal came");
    handle(SIGUSR1, look, SA_ONSTACK);
    raise(SIGUSR1);
    check(on(first, seen.at), "with SA_ONSTACK: used");
    check((uintptr_t)first + SIZE - seen.frame < (on_faultline() ? 2048 : 16384),
          "from its upper end");
    check(seen.inside.ss_flags == SS_ONSTACK && seen.inside.ss_sp == first,
          "which is told");
    check(seen.change == EPERM && seen.off == EPERM, "nor can it be changed: EPERM");
    check(seen.saved.ss_sp == first && seen.saved.ss_size == SIZE, "the frame names it");
    check(told().ss_flags == 0 && told().ss_sp == first, "afterwards it is free");
    set(NULL, 0, SS_DISABLE);
    raise(SIGUSR1);
    check(!on(first, seen.at), "one that was given up is not used");
}

static void test_nested(void)
{
    set(first, SIZE, 0);
    handle(SIGUSR1, look_and_raise, SA_ONSTACK);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    raise(SIGUSR1);
    check(on(first, seen.nested) && seen.nested < seen.at - RED_ZONE,
          "a handler within goes below, past the red zone");
    handle(SIGUSR2, look_nested, 0);
    raise(SIGUSR1);
    check(on(first, seen.nested) && seen.nested < seen.at,
          "without SA_ONSTACK of its own as well");
    handle(SIGUSR1, look_and_raise, 0);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    raise(SIGUSR1);
    check(!on(first, seen.at) && on(first, seen.nested),
          "from a handler that is not on it, one can go onto it");
}

/* What sigaltstack tells to one whose RSP is just there. */
static int flags_at(uintptr_t rsp)
{
    stack_t stack;
    long result = SYS_sigaltstack;

    __asm__ volatile("mov %%rsp, %%rbx; mov %[rsp], %%rsp; syscall; mov %%rbx, %%rsp"
                     : "+a"(result)
                     : "D"(NULL), "S"(&stack), [rsp] "r"(rsp)
                     : "rbx", "rcx", "r11", "memory");
    return result == 0 ? stack.ss_flags : -1;
}

static void test_ends(void)
{
    uintptr_t start = (uintptr_t)first;

    set(first, SIZE, 0);
    check_equal(flags_at(start), 0, "at its lower end nobody stands on it");
    check_equal(flags_at(start + 1), SS_ONSTACK, "one byte above one does");
    check_equal(flags_at(start + SIZE), SS_ONSTACK, "and at its upper end");
    check_equal(flags_at(start + SIZE + 1), 0, "but not above");
}

/* --- Left by longjmp ----------------------------------------------------------------- */

static sigjmp_buf before;

static void leave(int signal, siginfo_t *info, void *context)
{
    look(signal, info, context);
    siglongjmp(before, 1);
}

static void test_left(void)
{
    uintptr_t frames[3];

    set(first, SIZE, 0);
    handle(SIGUSR1, leave, SA_ONSTACK);
    for (int i = 0; i < 3; i++) {
        if (sigsetjmp(before, 1) == 0)
            raise(SIGUSR1);
        frames[i] = seen.frame;
    }
    check(on(first, frames[0]) && frames[0] == frames[1] && frames[1] == frames[2],
          "left by longjmp, it is used from the top again");
    check_equal(told().ss_flags, 0, "and told as free");
    check_equal(set(second, SIZE, 0), 0, "and can be changed");
}

/* --- SS_AUTODISARM ------------------------------------------------------------------- */

static void disarmed(int signal, siginfo_t *info, void *context)
{
    look(signal, info, context);
    set(second, SIZE, 0);
    raise(SIGUSR2);
}

static void test_disarm(void)
{
    check_equal(set(first, SIZE, (int)SS_AUTODISARM), 0, "SS_AUTODISARM");
    check(told().ss_flags == (int)SS_AUTODISARM, "is told");
    handle(SIGUSR1, look, SA_ONSTACK);
    raise(SIGUSR1);
    check(on(first, seen.at), "the handler is on it");
    check(seen.inside.ss_flags == SS_DISABLE && !seen.inside.ss_sp && !seen.inside.ss_size,
          "where there is none in force");
    check(seen.change == 0 && seen.off == 0, "so that it may be changed");
    check(seen.saved.ss_sp == first && seen.saved.ss_flags == (int)SS_AUTODISARM,
          "the frame keeps it");
    check(told().ss_sp == first && told().ss_size == SIZE &&
              told().ss_flags == (int)SS_AUTODISARM,
          "and returning brings it back");
    handle(SIGUSR1, disarmed, SA_ONSTACK);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    raise(SIGUSR1);
    check(on(second, seen.nested), "a handler within goes onto the one set there");
    check(told().ss_sp == first, "and the first is back after both");
    handle(SIGUSR1, look, 0);
    raise(SIGUSR1);
    check(seen.inside.ss_flags == SS_DISABLE, "any handler disarms, on it or not");
    set(NULL, 0, SS_DISABLE);
}

/* --- Full ---------------------------------------------------------------------------- */

/* Shared with the child that overflows it: what lies below may not be touched. */
static uint8_t *below;

/* With RSP so far above the stack's lower end, raise a signal. */
static void raise_low(uintptr_t rsp)
{
    __asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp\n"
                     "mov $39, %%eax; syscall; mov %%eax, %%edi\n"
                     "mov $12, %%esi; mov $62, %%eax; syscall\n"
                     "mov %%rbx, %%rsp"
                     :
                     : "r"(rsp)
                     : "rax", "rbx", "rcx", "rdi", "rsi", "r11", "memory");
}

static size_t room;

static void overflow(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    raise_low((uintptr_t)below + BELOW + room);
}

static int with_room(void *unused)
{
    (void)unused;
    set(below + BELOW, SIZE, 0);
    handle(SIGUSR1, overflow, SA_ONSTACK);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    handle(SIGSEGV, look_nested, SA_ONSTACK);
    raise(SIGUSR1);
    return 0;
}

static bool below_untouched(void)
{
    for (size_t i = 0; i < BELOW; i++)
        if (below[i] != 0x55)
            return false;
    return true;
}

static void test_full(void)
{
    static const size_t too_little[] = {129, 200, 500, 1000, 1088, 1, 8, 128};
    /* Within the red zone Linux begins at the top again, over the frames that are there. */
    unsigned count = on_faultline() ? 8 : 5;

    below =
        mmap(NULL, BELOW + SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memset(below, 0x55, BELOW);
    for (unsigned i = 0; i < count; i++) {
        room = too_little[i];
        int status = child_run(with_room, NULL);
        check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
              "a frame where %zu bytes are left: SIGSEGV", room);
        check(below_untouched(), "and nothing below is written, at %zu", room);
    }
    room = 8192;
    check_equal(child_run(with_room, NULL), 0, "where 8192 are left it fits");
    check(below_untouched(), "and nothing below is written, at %zu", room);
}

/* The smallest is enough for a handler that does nothing. */
static int smallest(void *unused)
{
    (void)unused;
    set(below + BELOW, MINIMUM, 0);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    raise(SIGUSR2);
    return !on(below + BELOW, seen.nested);
}

/* A stack of no memory: the frame cannot be written. */
static int nowhere(void *unused)
{
    (void)unused;
    set((void *)4096, SIZE, 0);
    handle(SIGUSR2, look_nested, SA_ONSTACK);
    handle(SIGSEGV, look_nested, SA_ONSTACK);
    raise(SIGUSR2);
    return 0;
}

static int inherits(void *unused)
{
    (void)unused;
    return told().ss_sp == first && told().ss_size == SIZE && told().ss_flags == 0;
}

/* --- Another signal ends the process --------------------------------------------------------- */

static void never_runs(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    _exit(1);
}

/* Both wait, and come at once: the frame goes to a page that nobody has touched yet. */
static int ended_meanwhile(void *other)
{
    sigset_t all;

    set(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), SIZE,
        0);
    handle(SIGHUP, never_runs, SA_ONSTACK);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    raise(SIGHUP);
    raise(*(int *)other);
    sigemptyset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    return 0;
}

static void test_ended_meanwhile(void)
{
    int others[] = {SIGTERM, SIGALRM, SIGPROF, SIGRTMIN};

    for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
        check_equal(child_run(ended_meanwhile, &others[i]), others[i],
                    "signal %d ends who has a handler of another to begin", others[i]);
}

static volatile int ran;

static void runs(int signal)
{
    ran = signal;
}

static void *raises(void *nothing)
{
    raise(SIGUSR2);
    return nothing;
}

/* SA_ONSTACK asks for one if there is one. */
static int thread_without(void *unused)
{
    const struct sigaction action = {.sa_handler = runs, .sa_flags = SA_ONSTACK};
    pthread_t thread;

    (void)unused;
    sigaction(SIGUSR2, &action, NULL);
    set(first, SIZE, 0);
    if (pthread_create(&thread, NULL, raises, NULL) || pthread_join(thread, NULL))
        return 1;
    return ran != SIGUSR2;
}

int main(void)
{
    test_setting();
    test_standing();
    test_nested();
    test_ends();
    test_left();
    test_disarm();
    test_full();
    test_ended_meanwhile();
    int status = child_run(nowhere, NULL);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV,
          "one without memory: SIGSEGV");
    if (on_faultline())
        check_equal(child_run(smallest, NULL), 0, "the smallest is enough");
    else
        check_skip("vector registers need more", "the smallest is enough");
    check_equal(child_run(thread_without, NULL), 0, "a new thread has none");
    set(first, SIZE, 0);
    check_equal(child_run(inherits, NULL), 1 << 8, "a child inherits it");
    return tap_end();
}
