/* selectors.c - user code and the processor's tables: no selector leads anywhere, or for ever.
 *
 * Far jumps and returns, IRET, loads of segment registers and INT make the processor look
 * into its descriptor tables on the program's behalf. Whatever the selector, the instruction
 * works, or the program gets a signal: it does not hang, and nothing of what a boot loader left
 * in the tables can be reached. */
#define _GNU_SOURCE
#include "user/lib/tap.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SELECTORS = 0x10000, PL3 = 3, LOCAL = 4, BAD_MOST = 64, PATIENCE = 10 /* s */ };
enum { CODE = 1 << 11, SEGMENT = 1 << 12, LONG_CODE = 1 << 21 }; /* of what LAR says */

static sigjmp_buf back;

static volatile siginfo_t last;

static void caught(int signal, siginfo_t *info, void *context)
{
    (void)context;
    last = *info;
    siglongjmp(back, signal);
}

static void catch (int signal)
{
    struct sigaction action = {.sa_sigaction = caught,
                               .sa_flags = SA_NODEFER | SA_ONSTACK | SA_SIGINFO};
    sigaction(signal, &action, NULL);
}

/* --- What user code may do with a selector ------------------------------------------------ */

static void far_return(unsigned selector)
{
    __asm__ volatile("pushq %0\n\t"
                     "pushq $1f\n\t"
                     "lretq\n"
                     "1:" ::"r"((uint64_t)selector)
                     : "memory");
}

static void far_return_32(unsigned selector)
{
    __asm__ volatile("subq $8, %%rsp\n\t"
                     "movl %0, 4(%%rsp)\n\t"
                     "movl $1f, (%%rsp)\n\t"
                     "lretl\n"
                     "1:" ::"r"(selector)
                     : "memory");
}

static void far_jump(unsigned selector)
{
    struct {
        uint32_t offset;
        uint16_t selector;
    } __attribute__((packed)) target = {0x400000, (uint16_t)selector};
    __asm__ volatile("ljmpl *%0" ::"m"(target) : "memory");
}

static void far_call(unsigned selector)
{
    struct {
        uint32_t offset;
        uint16_t selector;
    } __attribute__((packed)) target = {0x400000, (uint16_t)selector};
    __asm__ volatile("lcalll *%0" ::"m"(target) : "memory");
}

static void interrupt_return(unsigned selector)
{
    __asm__ volatile("mov %%rsp, %%rax\n\t"
                     "pushq $0x1b\n\t"
                     "pushq %%rax\n\t"
                     "pushfq\n\t"
                     "pushq %0\n\t"
                     "pushq $1f\n\t"
                     "iretq\n"
                     "1:" ::"r"((uint64_t)selector)
                     : "rax", "memory");
}

static void interrupt_return_stack(unsigned selector)
{
    __asm__ volatile("mov %%rsp, %%rax\n\t"
                     "mov %%cs, %%ecx\n\t"
                     "pushq %0\n\t"
                     "pushq %%rax\n\t"
                     "pushfq\n\t"
                     "pushq %%rcx\n\t"
                     "pushq $1f\n\t"
                     "iretq\n"
                     "1:" ::"r"((uint64_t)selector)
                     : "rax", "rcx", "memory");
}

static void load_ds(unsigned selector)
{
    __asm__ volatile("mov %0, %%ds" ::"r"(selector));
}

static void load_es(unsigned selector)
{
    __asm__ volatile("mov %0, %%es" ::"r"(selector));
}

static void load_gs(unsigned selector)
{
    __asm__ volatile("mov %0, %%gs" ::"r"(selector));
}

static void load_ss(unsigned selector)
{
    __asm__ volatile("mov %0, %%ss" ::"r"(selector));
}

static const struct way {
    const char *name;
    void (*go)(unsigned selector);
} ways[] = {
    {"lretq", far_return},       {"lretl", far_return_32},
    {"far jump", far_jump},      {"far call", far_call},
    {"iretq", interrupt_return}, {"iretq, its stack", interrupt_return_stack},
    {"mov to %ds", load_ds},     {"mov to %es", load_es},
    {"mov to %gs", load_gs},     {"mov to %ss", load_ss},
};

/* The kernel's code and data, the task, what lies behind; each of the local table; and so on. */
static unsigned bad_selectors(unsigned *bad)
{
    static const unsigned global[] = {0x1230, 0xfff8, 0x08, 0x10, 0x28, 0x30, 0x40, 0x48};
    unsigned count = 0, known = on_faultline() ? 8 : 2; /* Linux has others */
    for (unsigned i = 0; i < known; i++) {
        bad[count++] = global[i];
        bad[count++] = global[i] | PL3;
    }
    for (unsigned index = 0; index < 8; index++)
        bad[count++] = index << 3 | LOCAL | PL3;
    for (unsigned selector = 0x1234; selector < SELECTORS; selector += 0x2468)
        bad[count++] = selector | LOCAL;
    return count;
}

/* How many of the bad selectors end in a SIGSEGV, as #GP does. */
static unsigned refused(const struct way *way, const unsigned *bad, unsigned count)
{
    volatile unsigned refusals = 0;
    for (volatile unsigned i = 0; i < count; i++) {
        int signal = sigsetjmp(back, 1);
        if (signal == 0)
            way->go(bad[i]);
        refusals += signal == SIGSEGV;
    }
    return refusals;
}

static void test_ways(void)
{
    unsigned bad[BAD_MOST];
    unsigned count = bad_selectors(bad);
    for (unsigned i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        check_equal(refused(&ways[i], bad, count), count,
                    "%s: SIGSEGV for every bad selector", ways[i].name);
}

/* To one's own code it may work, or (where the emulator is mistaken) not: it comes to an end, and
 * says nothing of where the processor was looking. */
static void test_own_way(const char *name, void (*way)(unsigned))
{
    unsigned own;
    __asm__ volatile("mov %%cs, %0" : "=r"(own));
    int signal = sigsetjmp(back, 1);
    if (signal == 0)
        way(own);
    check(signal == 0 || signal == SIGSEGV, "%s to one's own code ends (signal %d)", name,
          signal);
    check(signal == 0 || (last.si_code == SI_KERNEL && last.si_addr == NULL &&
                          last.si_value.sival_ptr == NULL),
          "as a general protection fault, if not well");
}

static void test_own(void)
{
    test_own_way("lretq", far_return);
    test_own_way("iretq", interrupt_return);
}

/* --- What can be read of the tables ---------------------------------------------------------- */

static bool readable(unsigned selector)
{
    bool result;
    __asm__ volatile("verr %w1\n\tsetz %0" : "=q"(result) : "r"(selector) : "cc");
    return result;
}

/* What LAR says of it (SDM 2A, LAR); 0: nothing. */
static unsigned rights(unsigned selector)
{
    bool valid;
    unsigned rights;
    __asm__ volatile("lar %2, %1\n\tsetz %0"
                     : "=q"(valid), "=r"(rights)
                     : "r"(selector)
                     : "cc");
    return valid ? rights : 0;
}

/* Code that would run in compatibility mode: there SYSCALL, SYSENTER and INTO lead elsewhere. */
static bool is_short_code(unsigned selector)
{
    unsigned said = rights(selector);
    return (said & (SEGMENT | CODE)) == (SEGMENT | CODE) && !(said & LONG_CODE);
}

static void test_tables(void)
{
    volatile unsigned local = 0, global = 0, compatible = 0; /* kept over a jump back */
    int signal = sigsetjmp(back, 1);
    for (unsigned selector = 0; signal == 0 && selector < SELECTORS; selector++) {
        *(selector & LOCAL ? &local : &global) += readable(selector) || rights(selector);
        compatible += is_short_code(selector);
    }
    check_equal(signal, 0, "VERR and LAR of every selector raise nothing");
    check_equal(local, 0, "no selector of a local table names anything");
    if (!on_faultline())
        return;
    check_equal(
        global, 12,
        "of the global one, user code and data, and the processor's number, at each level");
    check_equal(compatible, 0, "and no code of 32 bits");
}

/* --- INT ---------------------------------------------------------------------------------- */

static void test_interrupts(void)
{
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    volatile unsigned refusals = 0;
    for (volatile unsigned vector = 0; vector < 256; vector++) {
        memcpy(code, (unsigned char[]){0xcd, (unsigned char)vector, 0xc3}, 3);
        if (vector == 3 || vector == 4 || vector == 0x80)
            continue; /* breakpoint and overflow are for programs; Linux has a call at 0x80 */
        int signal = sigsetjmp(back, 1);
        if (signal == 0)
            ((void (*)(void))(uintptr_t)code)();
        refusals += signal == SIGSEGV;
    }
    check_equal(refusals, 253, "INT with every other vector: SIGSEGV");
}

int main(void)
{
    static char stack[64 << 10];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigaltstack(&alternate, NULL);
    catch (SIGSEGV);
    catch (SIGBUS);
    /* Whatever faults for ever ends here. */
    setrlimit(RLIMIT_CPU, &(struct rlimit){PATIENCE, PATIENCE});
    test_ways();
    test_own();
    test_tables();
    test_interrupts();
    return tap_end();
}
