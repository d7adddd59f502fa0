/* trap-mix.c - whatever user code does about steps, stacks and returns, it gets signals of its own.
 *
 * Short pieces of code that change how the processor enters and leaves the kernel are put
 * together at random, from a seed, and run (trap_pieces.h). Each mix ends by a signal, its last
 * instruction's at the latest; then all is as it was before. Now and then the handler spoils what
 * it returns to: where code and stack go on, and the flags.
 *
 * In the environment: TRAP_MIX, how many mixes. TRAP_SEED: others. TRAP_ALIKE=1: without what
 * machines differ in; 2: with what they do alike where SMAP is off, but for signals' codes.
 * TRAP_TELL: from this mix on, and tell what becomes of each. Without TRAP_ALIKE the timer's
 * interrupts come between, wherever that is. What was seen is summed up in a remark, to compare
 * two machines. */
#define _GNU_SOURCE
#include "user/lib/tap.h"
#include "user/tests/trap_pieces.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MIXES = 3000,
    PIECES_MOST = 6,
    BYTES_MOST = PIECES_MOST * 80,
    PAGE = 4096,
    STEPS_MOST = 100, /* traps of single steps until a mix is given up */
    SPOILT = 10,      /* one handler in so many spoils its frame */
    FLAGS_OURS = 0x202,
    FLAGS_STRANGE = 0x44500 /* AC NT DF TF: none of them is ours */
};

static sigjmp_buf back;
static volatile int steps;
static unsigned long alike;
static bool telling;
static uint64_t sum; /* of all that was seen of this mix */

static void see(uint64_t what)
{
    sum = (sum ^ what) * 0x100000001b3u;
}

/* --- Running them -------------------------------------------------------------------------- */

/* What the return from the handler takes for granted, if anything. */
static void spoil(gregset_t *registers)
{
    switch (chance(4)) {
    case 0:
        (*registers)[REG_RIP] = (greg_t)(chance(2) ? nowhere() : target(0));
        break;
    case 1:
        (*registers)[REG_RSP] = (greg_t)stack_place();
        break;
    case 2:
        (*registers)[REG_EFL] = (greg_t)chance(UINT64_MAX);
        break;
    case 3:
        (*registers)[REG_CSGSFS] = (greg_t)chance(UINT64_MAX);
        break;
    }
}

static void caught(int signal, siginfo_t *info, void *context)
{
    ucontext_t *user = context;
    uint64_t at = (uint64_t)user->uc_mcontext.gregs[REG_RIP] - (uint64_t)code;

    if (telling)
        note("signal %d code %d at %lx, flags %llx", signal, info->si_code, at,
             (unsigned long long)user->uc_mcontext.gregs[REG_EFL]);
    if (signal == SIGBUS) /* a stack that is nowhere: #SS, and #GP with some emulators */
        signal = SIGSEGV;
    see((uint64_t)signal << 32 ^ (uint64_t)(alike < 2 ? info->si_code : 0) << 40 ^
        (at < AREA ? at : AREA));
    if (++steps < STEPS_MOST) {
        if (chance(SPOILT) == 0) {
            spoil(&user->uc_mcontext.gregs);
            return;
        }
        if (signal == SIGTRAP && at < length)
            return; /* go on behind it */
    }
    siglongjmp(back, 1);
}

static void tick(int signal)
{
    (void)signal;
}

/* Its number, what came of it, and its bytes. */
static void tell(unsigned long number)
{
    char bytes[2 * BYTES_MOST + 1];

    for (size_t i = 0; i < length; i++)
        snprintf(bytes + 2 * i, 3, "%02x", code[i]);
    note("mix %lu: %016lx %s", number, sum, bytes);
}

/* A mix, of registers that are all zero. It ends in INT3 at its length, at the latest. */
static void run(void)
{
    __asm__ volatile("xor %%eax, %%eax; xor %%edx, %%edx; xor %%esi, %%esi\n\t"
                     "xor %%edi, %%edi; xor %%ebp, %%ebp\n\t"
                     "mov %1, %%rsp; jmp *%0"
                     :
                     : "b"(code), "c"(stack + AREA / 2)
                     : "rax", "rdx", "rsi", "rdi", "memory");
    __builtin_unreachable();
}

static uint64_t flags_now(void)
{
    uint64_t now;
    __asm__ volatile("pushfq; pop %0" : "=r"(now));
    return now;
}

/* Number and seed alone say what it is. */
static void chance_begin(uint64_t seed, uint64_t number)
{
    uint64_t mixed = (seed << 32) + number + 1;

    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    chance_state = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu | 1;
}

static void mix(unsigned among)
{
    length = 0;
    sum = 0;
    for (uint64_t left = 1 + chance(PIECES_MOST); left; left--)
        pieces[chance(among)]();
    memset(code + length, 0xcc, 64);
    steps = 0;
    if (sigsetjmp(back, 1) == 0)
        run();
    __asm__ volatile("push %0; popfq" ::"i"(FLAGS_OURS) : "memory", "cc");
    if (fresh_used)
        madvise(fresh, PAGE, MADV_DONTNEED);
    fresh_used = false;
}

static void listen(void)
{
    static uint8_t other[1 << 18];
    stack_t place = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction action = {.sa_sigaction = caught,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    struct sigaction ticking = {.sa_handler = tick, .sa_flags = SA_ONSTACK};
    static const int ends[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS};

    if (sigaltstack(&place, NULL) < 0)
        bail("sigaltstack");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (sigaction(ends[i], &action, NULL) < 0)
            bail("sigaction");
    if (sigaction(SIGALRM, &ticking, NULL) < 0)
        bail("sigaction");
}

static void make_room(void)
{
    code = mmap(NULL, 2 * AREA, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fresh =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED || fresh == MAP_FAILED || mprotect(fresh, PAGE, PROT_NONE) < 0)
        bail("mmap");
    stack = code + AREA;
    fresh += PAGE;
}

static unsigned long setting(const char *name, unsigned long otherwise)
{
    const char *value = getenv(name);
    return value ? strtoul(value, NULL, 10) : otherwise;
}

int main(void)
{
    static const unsigned among[] = {PIECES, PIECES_ALIKE, PIECES_ALIKE_WITHOUT_SMAP};
    unsigned long mixes = setting("TRAP_MIX", MIXES), seed = setting("TRAP_SEED", 0);
    unsigned long first = setting("TRAP_TELL", 0), strange = 0;
    struct itimerval often = {{0, 300}, {0, 300}};
    uint64_t all = 0;
    pid_t us = getpid();

    alike = setting("TRAP_ALIKE", 0);
    make_room();
    listen();
    if (!alike)
        setitimer(ITIMER_REAL, &often, NULL);
    telling = getenv("TRAP_TELL");
    for (unsigned long i = first; i < first + mixes; i++) {
        chance_begin(seed, i);
        mix(among[alike % 3]);
        strange += (flags_now() & FLAGS_STRANGE) != 0;
        all = (all ^ sum) * 0x9e3779b97f4a7c15u;
        if (telling)
            tell(i);
    }
    check_equal(strange, 0,
                "%lu mixes, each ended by a signal, and no flag of theirs is left", mixes);
    check(getpid() == us, "the program goes on");
    note("%lu mixes gave %016lx", mixes, all);
    return tap_end();
}
