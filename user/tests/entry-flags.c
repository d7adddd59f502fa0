/* entry-flags.c - the flags at every other way into the kernel: page faults of each kind,
 * exceptions, interrupts. (flags.c: system calls.) The processor clears TF, NT and RF by
 * itself, but neither DF, with which the kernel would fill and copy frames backwards, nor AC,
 * which opens user memory to it; and the program gets back what it had. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>

enum { PAGES = 64, PAGE = 4096 };

static int pages_used = PAGES; /* entry-flags N: fewer, for who stops at each fault */

#define FLAG_DF 0x400ul
#define FLAG_NT 0x4000ul
#define FLAG_AC 0x40000ul
#define FLAG_ID 0x200000ul
#define STATUS  0x8d5ul /* CF PF AF ZF SF OF */
#define KEPT    (FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID | STATUS)

static const struct flags {
    uint64_t set;
    const char *name;
} each[] = {{0, "no flag"},  {FLAG_DF, "DF"},
            {FLAG_NT, "NT"}, {FLAG_AC, "AC"},
            {FLAG_ID, "ID"}, {FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID | STATUS, "all"}};

/* Run `instruction` with the flags set; what they are afterwards. */
#define WITH_FLAGS(set, instruction, ...)                                             \
    __extension__({                                                                   \
        uint64_t after_;                                                              \
        __asm__ volatile("leaq -128(%%rsp), %%rsp; pushfq; pushfq; andq $~0x244cd5, " \
                         "(%%rsp)\n"                                                  \
                         "orq %[flags], (%%rsp); popfq\n" instruction "\n"            \
                         "pushfq; popq %[after]; popfq; leaq 128(%%rsp), %%rsp"       \
                         : [after] "=&r"(after_)                                      \
                         : [flags] "r"(set), ##__VA_ARGS__                            \
                         : "memory", "cc");                                           \
        after_ &KEPT;                                                                 \
    })

static uint8_t *pages_new(void)
{
    uint8_t *pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        bail("mmap");
    return pages;
}

/* Bytes of the page that are not `expected`, but for the first, which was written. */
static long wrong_in(const uint8_t *page, uint8_t written, uint8_t expected)
{
    long wrong = page[0] != written;

    for (int i = 1; i < PAGE; i++)
        wrong += page[i] != expected;
    return wrong;
}

/* Write one byte of each page with the flags set: frames are filled, or copied. */
static long pages_write(uint8_t *pages, uint64_t flags, uint8_t byte, int before)
{
    long wrong = 0;

    for (int i = 0; i < pages_used; i++) {
        uint8_t *page = pages + (size_t)i * PAGE;
        uint64_t after = WITH_FLAGS(
            flags, "movb %b[byte], (%[page])", [byte] "q"(byte), [page] "r"(page));

        wrong += after != flags;
        wrong += wrong_in(page, byte, before ? i + before : 0);
    }
    return wrong;
}

static void test_zero_fill(const struct flags *flags)
{
    uint8_t *pages = pages_new();

    check_equal(pages_write(pages, flags->set, 7, 0), 0, "new pages are zero with %s set",
                flags->name);
    munmap(pages, PAGES * PAGE);
}

struct copying {
    uint8_t *pages;
    uint64_t flags;
};

static int copy(void *argument)
{
    const struct copying *copying = argument;

    return pages_write(copying->pages, copying->flags, 9, 1) != 0;
}

static void test_copy(const struct flags *flags)
{
    uint8_t *pages = pages_new();
    long wrong = 0;

    for (int i = 0; i < pages_used; i++)
        memset(pages + (size_t)i * PAGE, i + 1, PAGE);
    struct copying copying = {pages, flags->set};
    check_equal(child_run(copy, &copying), 0, "copies are right with %s set", flags->name);
    for (int i = 0; i < pages_used; i++)
        wrong += wrong_in(pages + (size_t)i * PAGE, i + 1, i + 1);
    check_equal(wrong, 0, "and what was copied is as it was");
    munmap(pages, PAGES * PAGE);
}

/* A page of this program's own file, and the zero page. */
static void test_reading(const struct flags *flags)
{
    uint8_t *pages = pages_new();
    uint64_t after = 0, odd = 0;
    uint8_t sum = 0;

    for (int i = 0; i < pages_used; i++) {
        after = WITH_FLAGS(
            flags->set,
            "testb $0, (%[page])\n.byte 0x66, 0x90", [page] "r"(pages + (size_t)i * PAGE));
        odd |= (after ^ flags->set) & ~STATUS;
        sum |= pages[(size_t)i * PAGE + 100];
    }
    check(sum == 0 && odd == 0, "the page of zeroes with %s set", flags->name);
    munmap(pages, PAGES * PAGE);
}

/* --- Exceptions and signals ---------------------------------------------------------- */

static volatile uint64_t in_handler, in_frame;

static void skip(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;
    uint64_t flags;

    (void)signal, (void)info;
    __asm__ volatile("pushfq; popq %0" : "=r"(flags));
    in_handler = flags;
    in_frame = (uint64_t)frame->uc_mcontext.gregs[REG_EFL];
    frame->uc_mcontext.gregs[REG_RIP] += 2;
}

static void test_exception(const struct flags *flags)
{
    uint64_t set = flags->set;

    check_equal(WITH_FLAGS(set, "ud2"), set, "an exception with %s set, and back",
                flags->name);
    check_equal(in_frame & KEPT, set, "the frame tells them");
    check(!(in_handler & FLAG_DF), "the handler begins with DF clear");
}

/* The kernel's flags may not come back in a frame: IOPL, IF, VM, VIP and VIF. */
static void spoil(int signal, siginfo_t *info, void *context)
{
    ucontext_t *frame = context;

    (void)signal, (void)info;
    frame->uc_mcontext.gregs[REG_EFL] |= 0x3000 | 0x1a0000;
    frame->uc_mcontext.gregs[REG_EFL] &= ~0x200;
    frame->uc_mcontext.gregs[REG_RIP] += 2;
}

static void test_spoilt(void)
{
    struct sigaction action = {.sa_sigaction = spoil, .sa_flags = SA_SIGINFO};
    uint64_t flags;

    sigaction(SIGILL, &action, NULL);
    __asm__ volatile("ud2; pushfq; popq %0" : "=r"(flags));
    check_equal(flags & 0x1b3200, 0x200,
                "IOPL, IF and those of virtual 8086 stay the kernel's");
}

/* A frame that looks as SYSCALL leaves it, but for the flags: SYSRET would take R11's. */
static void pretend_call(int signal, siginfo_t *info, void *context)
{
    gregset_t *registers = &((ucontext_t *)context)->uc_mcontext.gregs;

    (void)signal, (void)info;
    (*registers)[REG_RIP] += 2;
    (*registers)[REG_RCX] = (*registers)[REG_RIP];
    (*registers)[REG_R11] = 0x246;
    (*registers)[REG_EFL] |= FLAG_DF;
}

static void test_pretended(void)
{
    struct sigaction action = {.sa_sigaction = pretend_call, .sa_flags = SA_SIGINFO};
    uint64_t flags, r11;

    sigaction(SIGILL, &action, NULL);
    __asm__ volatile("ud2; mov %%r11, %1; pushfq; popq %0; cld"
                     : "=r"(flags), "=r"(r11)
                     :
                     : "rcx", "r11", "cc");
    check(flags & FLAG_DF, "a frame's flags are its own, not R11's");
    check_equal(r11, 0x246, "and R11 is what the frame says");
}

/* --- Interrupts ---------------------------------------------------------------------- */

static volatile sig_atomic_t ticks;

static void tick(int signal)
{
    (void)signal;
    ticks++;
}

/* Compute with the flags set until timers have run out some times. */
static void test_interrupts(const struct flags *flags)
{
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {0};
    uint64_t odd = 0;

    ticks = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    while (ticks < 10)
        odd |= WITH_FLAGS(flags->set,
                          "movl $2000, %%ecx\n1: lea -1(%%rcx), %%ecx; jrcxz 2f; "
                          "jmp 1b\n2:",
                          "c"(0)) ^
               flags->set;
    setitimer(ITIMER_REAL, &never, NULL);
    check_equal(odd, 0, "interrupts with %s set", flags->name);
}

int main(int argc, char *argv[])
{
    struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};

    if (argc > 1)
        pages_used = atoi(argv[1]);
    for (unsigned i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
        test_zero_fill(&each[i]);
        test_copy(&each[i]);
        test_reading(&each[i]);
        sigaction(SIGILL, &action, NULL);
        test_exception(&each[i]);
        signal(SIGALRM, tick);
        test_interrupts(&each[i]);
    }
    test_spoilt();
    test_pretended();
    return tap_end();
}
