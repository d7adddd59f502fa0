/* exceptions.c - every exception that user code can raise, and every vector it may not: which
 * signal comes, and what its handler is told. Of the kernel's half of the address space the
 * error code must tell nothing: what is mapped there looks like what is not. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { VECTORS = 256, BREAKPOINT = 3, OVERFLOW = 4, SIMD = 19, LINUX_32 = 0x80 };

/* What a handler was told. */
static struct told {
    int signal, code;
    uintptr_t address, rip, cr2;
    long vector, error;
} told;

static sigjmp_buf back;

static void tell(int signal, siginfo_t *info, void *context)
{
    const ucontext_t *frame = context;

    told = (struct told){signal,
                         info->si_code,
                         (uintptr_t)info->si_addr,
                         (uintptr_t)frame->uc_mcontext.gregs[REG_RIP],
                         (uintptr_t)frame->uc_mcontext.gregs[REG_CR2],
                         frame->uc_mcontext.gregs[REG_TRAPNO],
                         frame->uc_mcontext.gregs[REG_ERR]};
    siglongjmp(back, 1);
}

static void handlers_set(void)
{
    static uint8_t alternate[32768];
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)};
    struct sigaction action = {.sa_sigaction = tell, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

static uint8_t *code; /* a page to write instructions in */

/* Run the instructions, then return. told.signal stays 0 when nothing came. */
static void run(const void *bytes, size_t length)
{
    memcpy(code, bytes, length);
    code[length] = 0xc3;
    memset(&told, 0, sizeof(told));
    if (sigsetjmp(back, 1) == 0)
        ((void (*)(void))code)();
}

/* --- INT ----------------------------------------------------------------------------- */

/* INT n without leave: a protection fault at the instruction, with the gate's offset in its
 * code: vector * 8 says the manual (SDM 3A, 6.13), vector * 16, a gate's size, says QEMU. */
static bool refused(unsigned vector)
{
    return told.signal == SIGSEGV && told.code == SI_KERNEL && told.address == 0 &&
           told.vector == 13 &&
           (told.error == (long)(vector << 3 | 2) ||
            told.error == (long)(vector << 4 | 2)) &&
           told.rip == (uintptr_t)code;
}

static void test_vectors(void)
{
    unsigned wrong = 0;

    for (unsigned vector = 0; vector < VECTORS; vector++) {
        uint8_t interrupt[] = {0xcd, (uint8_t)vector};

        if (vector == BREAKPOINT || vector == OVERFLOW ||
            (vector == LINUX_32 && !on_faultline()))
            continue;
        run(interrupt, sizeof(interrupt));
        if (!refused(vector) && wrong++ < 4)
            note("INT %u: signal %d, code %d, vector %ld, error %#lx", vector, told.signal,
                 told.code, told.vector, told.error);
    }
    check_equal(wrong, 0, "INT n is refused for every n but 3 and 4");
}

/* --- One by one ---------------------------------------------------------------------- */

static const struct exception {
    const char *name;
    uint8_t bytes[24];
    unsigned length;
    int signal, code;
    long vector, error;
    int rip, address; /* offsets from the instructions; -1: si_addr is 0 */
} exceptions[] = {
    {"INT 3 in two bytes", {0xcd, 3}, 2, SIGTRAP, SI_KERNEL, 3, 0, 2, -1},
    {"INT3", {0xcc}, 1, SIGTRAP, SI_KERNEL, 3, 0, 1, -1},
    {"INT 4", {0xcd, 4}, 2, SIGSEGV, SI_KERNEL, 4, 0, 2, -1},
    {"INTO, of 32 bits", {0xce}, 1, SIGILL, ILL_ILLOPN, 6, 0, 0, 0},
    {"BOUND, of 32 bits", {0x62, 0x00}, 2, SIGILL, ILL_ILLOPN, 6, 0, 0, 0},
    {"UD2", {0x0f, 0x0b}, 2, SIGILL, ILL_ILLOPN, 6, 0, 0, 0},
    {"a division by zero", {0x31, 0xc9, 0xf7, 0xf1}, 4, SIGFPE, FPE_INTDIV, 0, 0, 2, 2},
    {"CLI", {0xfa}, 1, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"HLT", {0xf4}, 1, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"IN", {0xe4, 0x80}, 2, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"MOV from CR4", {0x0f, 0x20, 0xe0}, 3, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"WRMSR", {0x0f, 0x30}, 2, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"RDMSR", {0x0f, 0x32}, 2, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"INVLPG", {0x0f, 0x01, 0x38}, 3, SIGSEGV, SI_KERNEL, 13, 0, 0, -1},
    {"STAC", {0x0f, 0x01, 0xcb}, 3, SIGILL, ILL_ILLOPN, 6, 0, 0, 0},
    {"a kernel's selector in DS",
     {0xb8, 0x10, 0, 0, 0, 0x8e, 0xd8},
     7,
     SIGSEGV,
     SI_KERNEL,
     13,
     0x10,
     5,
     -1},
    {"a selector of the empty LDT",
     {0xb8, 0x07, 0, 0, 0, 0x8e, 0xd8},
     7,
     SIGSEGV,
     SI_KERNEL,
     13,
     0x04,
     5,
     -1},
    {"a non-canonical address",
     {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x12, 0x8a, 0x00},
     12,
     SIGSEGV,
     SI_KERNEL,
     13,
     0,
     10,
     -1},
    {"an x87 invalid operation",
     {0x9b, 0xdb, 0xe3, 0x6a, 0x00, 0xd9, 0x2c, 0x24, 0x58, 0xd9, 0xee, 0xd9, 0xee, 0xde,
      0xf9, 0x9b},
     16,
     SIGFPE,
     FPE_FLTINV,
     16,
     0,
     15,
     15},
    {"an SSE division by zero",
     {0x6a, 0x00, 0x0f, 0xae, 0x14, 0x24, 0x58, 0x66, 0x0f, 0xef, 0xc9, 0x6a,
      0x01, 0xf3, 0x0f, 0x2a, 0x04, 0x24, 0x58, 0xf3, 0x0f, 0x5e, 0xc1},
     23,
     SIGFPE,
     FPE_FLTDIV,
     19,
     0,
     19,
     19},
};

static void fpu_reset(void)
{
    uint32_t mxcsr = 0x1f80;

    __asm__ volatile("fnclex; fninit; ldmxcsr %0" : : "m"(mxcsr));
}

static void test_each(void)
{
    for (unsigned i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        const struct exception *what = &exceptions[i];
        uintptr_t address = what->address < 0 ? 0 : (uintptr_t)code + what->address;

        if (what->vector == SIMD && on_faultline()) {
            check_skip("the emulator raises none", "%s", what->name);
            continue;
        }
        run(what->bytes, what->length);
        fpu_reset();
        bool right = told.signal == what->signal && told.code == what->code &&
                     told.vector == what->vector && told.error == what->error &&
                     told.rip == (uintptr_t)code + what->rip && told.address == address;
        if (!check(right, "%s", what->name))
            note("signal %d, code %d, vector %ld, error %#lx, rip +%ld, address %#lx",
                 told.signal, told.code, told.vector, told.error,
                 (long)(told.rip - (uintptr_t)code), told.address);
    }
}

/* INT1 is a #DB that no flag explains; the emulator does not know it. */
static void test_int1(void)
{
    run("\xf1", 1);
    check((told.signal == SIGTRAP && told.vector == 1) || told.signal == SIGILL,
          "INT1: SIGTRAP, or no such instruction");
}

/* Of the processor's features (SDM 2A, CPUID, leaf 7). */
static bool has_umip(void)
{
    unsigned leaf = 7, part = 0;

    __asm__("cpuid" : "+a"(leaf), "+c"(part) : : "ebx", "edx");
    return part >> 2 & 1;
}

/* SGDT, SIDT, SLDT, SMSW, STR would tell where the kernel's tables are. */
static void test_umip(void)
{
    static const uint8_t stores[][4] = {{0x0f, 0x01, 0x44, 0x24},
                                        {0x0f, 0x01, 0x4c, 0x24},
                                        {0x0f, 0x00, 0x44, 0x24},
                                        {0x0f, 0x01, 0x64, 0x24},
                                        {0x0f, 0x00, 0x4c, 0x24}};
    static const char *const names[] = {"SGDT", "SIDT", "SLDT", "SMSW", "STR"};

    for (unsigned i = 0; i < 5; i++) {
        uint8_t bytes[5];

        if (!on_faultline() || !has_umip()) {
            check_skip("Linux emulates it, and older processors have no UMIP", "%s",
                       names[i]);
            continue;
        }
        memcpy(bytes, stores[i], 4);
        bytes[4] = 0xf0; /* -16(%rsp) */
        run(bytes, 5);
        check(told.signal == SIGSEGV && told.vector == 13 && told.rip == (uintptr_t)code,
              "%s is refused (UMIP)", names[i]);
    }
}

/* --- What an error code tells of the kernel's half ----------------------------------- */

static const uintptr_t kernel_places[] = {
    0xffff800000000000, 0xffff800000100000, 0xffff800001000000, 0xffff80fffffff000,
    0xffffa00000000000, 0xffffc00000000000, 0xffffc00000001000, 0xffffc00000005000,
    0xffffffff80000000, 0xffffffff80100000, 0xffffffff80101000, 0xffffffff80140000,
    0xffffffff80200000, 0xffffffffa0000000, 0xfffffffffee00000, 0xfffffffffffff000,
};

static void place_try(unsigned how, uintptr_t place)
{
    /* mov $place, %rax; then a load, a store, or a jump */
    uint8_t bytes[12] = {0x48, 0xb8};
    static const uint8_t access[3][2] = {{0x8a, 0x00}, {0x88, 0x00}, {0xff, 0xe0}};

    memcpy(bytes + 2, &place, 8);
    memcpy(bytes + 10, access[how], 2);
    run(bytes, sizeof(bytes));
}

static void test_kernel_half(void)
{
    static const char *const names[] = {"reading", "writing", "executing"};
    static const long codes[] = {5, 7, 21};

    for (unsigned how = 0; how < 3; how++) {
        unsigned wrong = 0;

        for (unsigned i = 0; i < sizeof(kernel_places) / sizeof(kernel_places[0]); i++) {
            uintptr_t place = kernel_places[i];

            place_try(how, place);
            if ((told.signal != SIGSEGV || told.code != SEGV_MAPERR ||
                 told.address != place || told.cr2 != place || told.vector != 14 ||
                 told.error != codes[how]) &&
                wrong++ < 4)
                note("%#lx: signal %d, code %d, address %#lx, error %#lx", place,
                     told.signal, told.code, told.address, told.error);
        }
        check_equal(wrong, 0, "%s in the kernel's half tells nothing of it", names[how]);
    }
}

/* In the program's own half the code says what was wrong. */
static void test_own_half(void)
{
    uint8_t *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)*(volatile uint8_t *)page;
    munmap(page + 4096, 4096);
    place_try(1, (uintptr_t)page);
    check(told.code == SEGV_ACCERR && told.error == 7,
          "writing what is there and read-only");
    place_try(2, (uintptr_t)page);
    check(told.code == SEGV_ACCERR && told.error == 21, "executing what is there");
    place_try(0, (uintptr_t)page + 4096);
    check(told.code == SEGV_MAPERR && told.error == 4, "reading where nothing is");
    place_try(1, (uintptr_t)page + 4096);
    check(told.code == SEGV_MAPERR && told.error == 6, "writing where nothing is");
    place_try(2, (uintptr_t)page + 4096);
    check(told.code == SEGV_MAPERR && told.error == 20, "executing where nothing is");
}

int main(void)
{
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
    handlers_set();
    test_vectors();
    test_each();
    test_int1();
    test_umip();
    test_kernel_half();
    test_own_half();
    return tap_end();
}
