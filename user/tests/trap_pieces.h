/* trap_pieces.h - pieces of code that change how the processor enters and leaves the kernel, for
 * trap-mix.c to put together. Each appends its bytes to `code`. What each raises, and where
 * machines differ in it, is in docs/platforms.md; which way it takes, in docs/entries.md. */
#ifndef USER_TESTS_TRAP_PIECES_H
#define USER_TESTS_TRAP_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { AREA = 1 << 16 /* of the code, and of its stack */ };

static uint8_t *code, *stack;
static uint8_t *fresh; /* a page that is not there yet, behind one that never is */
static bool fresh_used;
static size_t length;

static uint64_t chance_state;

static uint64_t chance(uint64_t below)
{
    chance_state ^= chance_state << 13;
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state % below;
}

#define ONE_OF(all) ((all)[chance(sizeof(all) / sizeof((all)[0]))])

/* --- Bytes ------------------------------------------------------------------------------- */

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

/* mov rax, word */
static void put_rax(uint64_t word)
{
    PUT(0x48, 0xb8);
    put_word(word);
}

static void put_push(uint64_t word)
{
    put_rax(word);
    PUT(0x50); /* push rax */
}

/* --- What they are given ----------------------------------------------------------------- */

static uint64_t selector(const char *of)
{
    uint16_t ours = 0;

    if (*of == 'c')
        __asm__("mov %%cs, %0" : "=r"(ours));
    else
        __asm__("mov %%ss, %0" : "=r"(ours));
    return chance(4) ? ours : chance(0x80);
}

/* Where a jump leads: mostly behind it, where the code goes on. */
static uint64_t target(size_t behind)
{
    static const uint64_t elsewhere[] = {0, 0x7ffffffff000u, 0xffffffff80100000u,
                                         0x7fffffffffffu};

    return chance(4) ? (uint64_t)code + length + behind : ONE_OF(elsewhere);
}

/* An address that is none. */
static uint64_t nowhere(void)
{
    static const uint64_t places[] = {0x800000000000u, 0x8000000000000000u,
                                      0xffff7fffffffffffu, 0x00ff000000000000u};

    return ONE_OF(places);
}

static uint64_t stack_place(void)
{
    const uint64_t places[] = {0,
                               8,
                               0x800000000000u,
                               0xffff800000000000u,
                               0xffffffff80100000u,
                               0x7ffffffff000u,
                               (uint64_t)fresh + 4, /* half of a word there */
                               (uint64_t)fresh + 64};

    fresh_used = true;
    return ONE_OF(places);
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

/* --- Flags, steps and what puts them off ------------------------------------------------- */

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

static void put_same_ss(void)
{
    PUT(0x8c, 0xd0, 0x8e, 0xd0); /* mov eax, ss; mov ss, eax */
}

static void put_segments(void)
{
    static const uint8_t loads[] = {0xd8, 0xc0, 0xe8}; /* ds, es, gs */
    PUT(0xb8);
    uint32_t which = (uint32_t)selector("s");
    put(&which, sizeof(which));
    PUT(0x8e, ONE_OF(loads));
}

static void put_nothing(void)
{
    PUT(0x90, 0xfd, 0x90); /* nop, std, nop */
}

/* --- Calls and software interrupts ------------------------------------------------------- */

static void put_syscall(void)
{
    PUT(0xb8, 39, 0, 0, 0, 0x0f, 0x05); /* getpid */
}

/* Of a call that nobody has. */
static void put_no_syscall(void)
{
    PUT(0x83, 0xc8, 0xff, 0x0f, 0x05); /* or eax, -1 */
}

static void put_int3(void)
{
    PUT(0xcc);
}

static void put_int(void)
{
    PUT(0xcd, (uint8_t)chance(256));
}

/* --- Stacks ------------------------------------------------------------------------------ */

static void put_bad_stack(void)
{
    uint64_t place = stack_place();
    PUT(0x48, 0xbc); /* mov rsp, place */
    put_word(place);
}

static void put_own_stack(void)
{
    PUT(0x48, 0xbc);
    put_word((uint64_t)stack + AREA / 2 + chance(9));
}

static void put_leave(void)
{
    PUT(0xc9);
}

/* --- Jumps ------------------------------------------------------------------------------- */

static void put_jump(void)
{
    put_rax(target(12));
    PUT(0xff, 0xe0); /* jmp rax */
}

static void put_return(void)
{
    put_push(target(12));
    PUT(0xc3);
}

static void put_far_jump(void)
{
    put_push(selector("c"));
    put_push(target(15));
    PUT(0x48, 0xff, 0x2c, 0x24); /* jmp far [rsp] */
}

/* --- Exceptions -------------------------------------------------------------------------- */

/* Of level 0, and those of debug registers with them. */
static void put_privileged(void)
{
    static const uint8_t some[][3] = {
        {0xf4, 0x90, 0x90}, {0xfa, 0x90, 0x90},
        {0xec, 0x90, 0x90}, /* hlt, cli, in */
        {0x0f, 0x01, 0xf8}, {0x0f, 0x30, 0x90},
        {0x0f, 0x32, 0x90}, /* swapgs, wrmsr, rdmsr */
        {0x0f, 0x23, 0xf8}, {0x0f, 0x23, 0xc0},
        {0x0f, 0x21, 0xf8}, /* DR7, DR0 */
        {0x0f, 0x22, 0xd8}, {0x0f, 0x20, 0xe0},
        {0x0f, 0x06, 0x90}, /* CR3, CR4, clts */
        {0x48, 0x0f, 0x07}, {0x0f, 0x07, 0x90},
        {0x0f, 0x33, 0x90}, /* sysret, rdpmc */
        {0x0f, 0x00, 0xd0}, {0x0f, 0x00, 0xd8},
        {0x0f, 0x01, 0xf0}, /* lldt, ltr, lmsw */
        {0x0f, 0x01, 0xca}, {0x0f, 0x01, 0xcb},
        {0x0f, 0x0b, 0x90}, /* clac, stac, ud2 */
    };
    put(ONE_OF(some), 3);
}

/* What 64-bit mode has no more: pop ss, into, far calls and jumps with the address in them, … */
static void put_gone(void)
{
    static const uint8_t some[] = {0x17, 0xce, 0x9a, 0xea, 0x06, 0x1f, 0x37};
    PUT(ONE_OF(some), 0x90, 0x90, 0x90, 0x90, 0x90, 0x90);
}

/* A lock on what takes none; an instruction that is too long. */
static void put_odd(void)
{
    if (chance(2))
        PUT(0xf0, 0x90);
    else
        PUT(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
            0x66, 0x66, 0x90);
}

static void put_divide(void)
{
    PUT(0x31, 0xc9, 0xf7, 0xf1); /* xor ecx, ecx; div ecx */
}

/* An error of the x87's: it is raised by the next instruction of the x87 that waits, if any. */
static void put_x87(void)
{
    PUT(0xdb, 0xe3, 0x68, 0x40, 0x03, 0, 0, 0xd9, 0x2c, 0x24); /* fninit; push; fldcw */
    PUT(0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9);                   /* fld1; fldz; fdivp */
    if (chance(2))
        PUT(0x9b); /* fwait */
}

static void put_unaligned(void)
{
    put_push(flags() | 0x40000);
    PUT(0x9d, 0x8b, 0x44, 0x24, 0x01); /* popf; mov eax, [rsp + 1] */
}

/* A page fault that is served; and one for each of several rounds, or none. */
static void put_touch(void)
{
    fresh_used = true;
    put_rax((uint64_t)fresh + chance(4096));
    PUT(0x88, 0x00); /* mov [rax], al */
}

/* --- Where machines differ --------------------------------------------------------------- */

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

static void put_far_call(void)
{
    put_push(selector("c"));
    put_push(target(15));
    PUT(0x48, 0xff, 0x1c, 0x24); /* call far [rsp] */
}

static void put_int1(void)
{
    PUT(0xf1);
}

static void put_sysenter(void)
{
    PUT(0x0f, chance(2) ? 0x34 : 0x35, 0x90); /* sysenter, sysexit */
}

static void put_jump_nowhere(void)
{
    put_push(selector("c"));
    put_push(nowhere());
    switch (chance(4)) {
    case 0:
        PUT(0xff, 0xe0); /* jmp rax */
        break;
    case 1:
        PUT(0xc3);
        break;
    case 2:
        PUT(0x48, 0xcb); /* a far return */
        break;
    case 3:
        PUT(0x48, 0xff, 0x2c, 0x24); /* jmp far [rsp] */
        break;
    }
}

/* Each round is a step. */
static void put_repeat(void)
{
    PUT(0x48, 0xbf);
    put_word((uint64_t)stack + 1024);
    PUT(0xb9, (uint8_t)chance(4), 0, 0, 0, 0xf3, 0xaa); /* mov ecx; rep stosb */
}

/* An error of SSE's that is not masked. */
static void put_sse(void)
{
    PUT(0x68, 0x80, 0x1d, 0, 0, 0x0f, 0xae, 0x14, 0x24); /* push; ldmxcsr [rsp] */
    PUT(0x0f, 0x57, 0xc0, 0xb8, 1, 0, 0, 0);             /* xorps xmm0, xmm0; mov eax, 1 */
    PUT(0xf3, 0x0f, 0x2a, 0xc8, 0xf3, 0x0f, 0x5e, 0xc8); /* cvtsi2ss xmm1, eax; divss */
}

/* Those in front are the same on every machine; then come those that are the same where SMAP is
 * off; then the others. */
static void (*const pieces[])(void) = {
    put_flags,     put_trap_flag,  put_mov_ss,     put_same_ss,      put_segments,
    put_nothing,   put_syscall,    put_no_syscall, put_int3,         put_int,
    put_bad_stack, put_own_stack,  put_leave,      put_jump,         put_return,
    put_far_jump,  put_privileged, put_gone,       put_odd,          put_divide,
    put_x87,       put_unaligned,  put_touch,      put_iret,         put_far_return,
    put_far_call,  put_int1,       put_sysenter,   put_jump_nowhere, put_repeat,
    put_sse,
};
enum {
    PIECES = sizeof(pieces) / sizeof(pieces[0]),
    PIECES_ALIKE_WITHOUT_SMAP = PIECES - 5,
    PIECES_ALIKE = PIECES_ALIKE_WITHOUT_SMAP - 3
};

#endif
