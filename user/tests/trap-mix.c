/* trap-mix.c - whatever user code does about steps, stacks and returns, it gets signals of its own.
 *
 * Short pieces of code that change how the processor enters and leaves the kernel are put
 * together at random, from a seed, and run: the trap flag, MOV SS (which puts exceptions off by an
 * instruction), INT1, INT3, INT n, SYSCALL, IRET, far returns, bad stack pointers, flags that no
 * kernel may run with. Each mix ends by a signal, its last instruction's at the latest; then all is
 * as it was before.
 *
 * TRAP_MIX in the environment: how many mixes. TRAP_SEED: others. TRAP_ALIKE: without what machines
 * differ in. What was seen is summed up in a remark, so that two machines can be compared. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum {
    MIXES = 3000,
    PIECES_MOST = 6,
    AREA = 1 << 16,   /* of the code, and of its stack */
    STEPS_MOST = 100, /* traps of single steps until a mix is given up */
    FLAGS_OURS = 0x202,
    FLAGS_STRANGE = 0x44500 /* AC NT DF TF: none of them is ours */
};

static uint8_t *code, *stack;
static size_t length;
static sigjmp_buf back;
static volatile int steps;
static uint64_t sum; /* of all that was seen */

static uint64_t chance_state;

static uint64_t chance(uint64_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state % below;
}

static void see(uint64_t what)
{
    sum = (sum ^ what) * 0x100000001b3u;
}

/* --- The pieces ---------------------------------------------------------------------------- */

static void put(const void *bytes, size_t count)
{
    memcpy(code + length, bytes, count);
    length += count;
}

#define PUT(...) put((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void put_word(uint64_t word)
{
    put(&word, sizeof(word));
}

/* mov rax, word; push rax */
static void put_push(uint64_t word)
{
    PUT(0x48, 0xb8);
    put_word(word);
    PUT(0x50);
}

static uint64_t selector(const char *of)
{
    uint16_t ours = 0;

    if (*of == 'c')
        __asm__("mov %%cs, %0" : "=r"(ours));
    else
        __asm__("mov %%ss, %0" : "=r"(ours));
    return chance(4) ? ours : chance(0x80);
}

/* Where a return may lead: mostly behind it, where the code goes on. */
static uint64_t target(size_t behind)
{
    static const uint64_t elsewhere[] = {0, 0x8000000000000000u, 0x7ffffffff000u,
                                         0xffffffff80100000u, 0x7fffffffffffu};

    return chance(4) ? (uint64_t)code + length + behind : elsewhere[chance(5)];
}

static uint64_t flags(void)
{
    static const uint64_t bits[] = {0x100,   0x200,   0x400,  0x4000,
                                    0x10000, 0x40000, 0x3000, 0x200000};
    uint64_t some = 2;

    for (int i = 0; i < 8; i++)
        some |= chance(3) ? 0 : bits[i];
    return some;
}

static void put_flags(void)
{
    put_push(flags());
    PUT(0x9d); /* popf */
}

static void put_trap_flag(void)
{
    PUT(0x9c, 0x48, 0x81, 0x0c, 0x24, 0x00, 0x01, 0x00, 0x00, 0x9d); /* pushf; or; popf */
}

static void put_mov_ss(void)
{
    PUT(0xb8);
    uint32_t which = (uint32_t)selector("s");
    put(&which, sizeof(which));
    PUT(0x8e, 0xd0); /* mov ss, eax */
}

static void put_pop_ss_of_stack(void)
{
    PUT(0x8c, 0xd0, 0x8e, 0xd0); /* mov eax, ss; mov ss, eax */
}

static void put_syscall(void)
{
    PUT(0xb8, 39, 0, 0, 0, 0x0f, 0x05); /* getpid */
}

/* Of a call that nobody has. */
static void put_no_syscall(void)
{
    PUT(0x83, 0xc8, 0xff, 0x0f, 0x05); /* or eax, -1 */
}

static void put_int1(void)
{
    PUT(0xf1);
}

static void put_int3(void)
{
    PUT(0xcc);
}

static void put_int(void)
{
    PUT(0xcd, (uint8_t)chance(256));
}

static void put_iret(void)
{
    bool same = chance(2); /* the stack goes on where it is */
    put_push(selector("s"));
    put_push(same ? (uint64_t)stack + AREA / 2 : chance(UINT64_MAX));
    put_push(flags());
    put_push(selector("c"));
    put_push(target(13));
    PUT(0x48, 0xcf);
}

static void put_far_return(void)
{
    put_push(selector("c"));
    put_push(target(13));
    PUT(0x48, 0xcb);
}

static void put_bad_stack(void)
{
    static const uint64_t places[] = {
        0, 8, 0x800000000000u, 0xffff800000000000u, 0xffffffff80100000u, 0x7ffffffff000u};
    PUT(0x48, 0xbc);
    put_word(places[chance(6)]);
}

static void put_own_stack(void)
{
    PUT(0x48, 0xbc);
    put_word((uint64_t)stack + AREA / 2 + chance(9));
}

static void put_segments(void)
{
    static const uint8_t loads[] = {0xd8, 0xc0}; /* ds, es */
    PUT(0x8c, 0xd0, 0x8e, loads[chance(2)]);
}

static void put_privileged(void)
{
    static const uint8_t some[][3] = {{0xf4, 0x90, 0x90}, {0xfa, 0x90, 0x90},
                                      {0xec, 0x90, 0x90}, {0x0f, 0x01, 0xf8},
                                      {0x0f, 0x30, 0x90}, {0x0f, 0x0b, 0x90}};
    put(some[chance(6)], 3); /* hlt, cli, in, swapgs, wrmsr, ud2 */
}

static void put_nothing(void)
{
    PUT(0x90, 0xfd, 0x90); /* nop, std, nop */
}

/* Those behind ALIKE are not the same on every machine (docs/platforms.md). */
static void (*const pieces[])(void) = {
    put_flags,      put_trap_flag,  put_mov_ss,   put_pop_ss_of_stack,
    put_syscall,    put_no_syscall, put_int3,     put_int,
    put_bad_stack,  put_own_stack,  put_segments, put_nothing,
    put_privileged, put_int1,       put_iret,     put_far_return,
};
enum { PIECES = sizeof(pieces) / sizeof(pieces[0]), ALIKE = PIECES - 3 };

/* --- Running them -------------------------------------------------------------------------- */

static void caught(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *user = context;
    uint64_t at = (uint64_t)user->uc_mcontext.gregs[REG_RIP] - (uint64_t)code;

    (void)info;
    if (signal == SIGBUS) /* a stack that is nowhere: #SS, and #GP with some emulators */
        signal = SIGSEGV;
    see((uint64_t)signal << 32 | (at < AREA ? at : AREA));
    if (signal == SIGTRAP && at < length && ++steps < STEPS_MOST)
        return; /* go on behind it */
    siglongjmp(back, 1);
}

/* A mix, of registers that are all zero. It ends in INT3 at its length, at the latest. */
static void run(void)
{
    __asm__ volatile(
        "xor %%eax, %%eax; xor %%edx, %%edx; xor %%esi, %%esi; xor %%edi, %%edi\n\t"
        "mov %1, %%rsp; jmp *%0"
        :
        : "b"(code), "c"(stack + AREA / 2)
        : "rax", "rdx", "rsi", "rdi", "memory");
}

static uint64_t flags_now(void)
{
    uint64_t now;
    __asm__ volatile("pushfq; pop %0" : "=r"(now));
    return now;
}

static void mix(int among)
{
    length = 0;
    for (uint64_t left = 1 + chance(PIECES_MOST); left; left--)
        pieces[chance(among)]();
    memset(code + length, 0xcc, 64);
    steps = 0;
    if (sigsetjmp(back, 1) == 0)
        run();
    __asm__ volatile("push %0; popfq" ::"i"(FLAGS_OURS) : "memory", "cc");
}

static void listen(void)
{
    static uint8_t other[1 << 16];
    stack_t place = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    static const int ends[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGSYS};

    if (sigaltstack(&place, NULL) < 0)
        bail("sigaltstack");
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (sigaction(ends[i], &action, NULL) < 0)
            bail("sigaction");
}

int main(void)
{
    const char *many = getenv("TRAP_MIX"), *seed = getenv("TRAP_SEED");
    int mixes = many ? atoi(many) : MIXES, strange = 0;
    int among = getenv("TRAP_ALIKE") ? ALIKE : PIECES;
    pid_t us = getpid();

    chance_state = 0x9e3779b97f4a7c15u + (seed ? strtoull(seed, NULL, 10) : 0);
    code = mmap(NULL, 2 * AREA, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        bail("mmap");
    stack = code + AREA;
    listen();
    for (int i = 0; i < mixes; i++) {
        mix(among);
        strange += (flags_now() & FLAGS_STRANGE) != 0;
    }
    check_equal(strange, 0,
                "%d mixes, each ended by a signal, and no flag of theirs is left", mixes);
    check(getpid() == us, "the program goes on");
    note("%d mixes gave %016lx", mixes, sum);
    return tap_end();
}
