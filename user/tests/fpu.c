/* fpu.c - vector and floating point registers belong to a process: each of several that
 * compute at the same time, switched by the timer and by yielding, finds its own again, and
 * a new program finds them clean, and so does a handler. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILDREN = 4, ROUNDS = 300 };

/* Fill all sixteen vector registers and the x87 stack with this process's number, spend some
 * time, and look whether they still hold it. */
static int registers_keep(uint64_t number, int yield)
{
    uint64_t in[2] = {number * 0x0101010101010101, ~number}, out[2] = {0};
    double fpu = number + 0.25, fpu_out = 0;
    uint64_t differing = 0;
    long call = yield ? 24 : 39; /* sched_yield, getpid */

    __asm__ volatile(
        "movdqu (%[in]), %%xmm0; movdqa %%xmm0, %%xmm1; movdqa %%xmm0, %%xmm2\n"
        "movdqa %%xmm0, %%xmm3; movdqa %%xmm0, %%xmm4; movdqa %%xmm0, %%xmm5\n"
        "movdqa %%xmm0, %%xmm6; movdqa %%xmm0, %%xmm7; movdqa %%xmm0, %%xmm8\n"
        "movdqa %%xmm0, %%xmm9; movdqa %%xmm0, %%xmm10; movdqa %%xmm0, %%xmm11\n"
        "movdqa %%xmm0, %%xmm12; movdqa %%xmm0, %%xmm13; movdqa %%xmm0, %%xmm14\n"
        "movdqa %%xmm0, %%xmm15; fldl %[fpu]; syscall\n"
        "mov $20000, %%ecx; 1: dec %%ecx; jnz 1b\n"
        "pcmpeqd %%xmm0, %%xmm1; pcmpeqd %%xmm0, %%xmm2; pcmpeqd %%xmm0, %%xmm3\n"
        "pcmpeqd %%xmm0, %%xmm4; pcmpeqd %%xmm0, %%xmm5; pcmpeqd %%xmm0, %%xmm6\n"
        "pcmpeqd %%xmm0, %%xmm7; pcmpeqd %%xmm0, %%xmm8; pcmpeqd %%xmm0, %%xmm9\n"
        "pcmpeqd %%xmm0, %%xmm10; pcmpeqd %%xmm0, %%xmm11; pcmpeqd %%xmm0, %%xmm12\n"
        "pcmpeqd %%xmm0, %%xmm13; pcmpeqd %%xmm0, %%xmm14; pcmpeqd %%xmm0, %%xmm15\n"
        "pand %%xmm2, %%xmm1; pand %%xmm3, %%xmm1; pand %%xmm4, %%xmm1\n"
        "pand %%xmm5, %%xmm1; pand %%xmm6, %%xmm1; pand %%xmm7, %%xmm1\n"
        "pand %%xmm8, %%xmm1; pand %%xmm9, %%xmm1; pand %%xmm10, %%xmm1\n"
        "pand %%xmm11, %%xmm1; pand %%xmm12, %%xmm1; pand %%xmm13, %%xmm1\n"
        "pand %%xmm14, %%xmm1; pand %%xmm15, %%xmm1\n"
        "movmskps %%xmm1, %%edx; movdqu %%xmm0, (%[out]); fstpl %[fpu_out]\n"
        : "=&d"(differing), [fpu_out] "=m"(fpu_out), "+a"(call)
        : [in] "r"(in), [out] "r"(out), [fpu] "m"(fpu)
        : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
          "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return differing == 15 && memcmp(in, out, sizeof(in)) == 0 && fpu == fpu_out;
}

static int compute(void *number)
{
    uint64_t mine = *(int *)number;
    int wrong = 0;

    for (int i = 0; i < ROUNDS; i++)
        wrong += !registers_keep(mine + i, i & 1);
    return wrong > 255 ? 255 : wrong;
}

static void test_several(void)
{
    int numbers[CHILDREN];
    pid_t children[CHILDREN];

    for (int i = 0; i < CHILDREN; i++) {
        numbers[i] = i * 50;
        children[i] = child_start(compute, &numbers[i]);
    }
    for (int i = 0; i < CHILDREN; i++)
        check_equal(child_wait(children[i]), 0,
                    "process %d finds its registers as it left them", i + 1);
}

static uint32_t mxcsr_read(void)
{
    uint32_t mxcsr;

    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    return mxcsr;
}

static void mxcsr_write(uint32_t mxcsr)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
}

static int mode_inherited(void *unused)
{
    (void)unused;
    if (mxcsr_read() != 0x7f80)
        return 1;
    mxcsr_write(0x1f80);
    return 0;
}

static void test_modes(void)
{
    uint16_t control;

    __asm__ volatile("fnstcw %0" : "=m"(control));
    check_equal(mxcsr_read() & ~0x3fu, 0x1f80, "MXCSR at the start");
    check_equal(control, 0x37f, "x87 control word at the start");
    mxcsr_write(0x7f80);
    check_equal(child_run(mode_inherited, NULL), 0, "a child inherits the rounding mode");
    check_equal(mxcsr_read() & ~0x3fu, 0x7f80, "and changing it is its own affair");
    mxcsr_write(0x1f80);
}

/* Run as "fpu clean": whatever the last program left must not be seen. */
__attribute__((noinline)) static int registers_clean(void)
{
    int mask;

    __asm__ volatile("pxor %%xmm1, %%xmm1; pcmpeqd %%xmm15, %%xmm1; movmskps %%xmm1, %0"
                     : "=r"(mask)
                     :
                     : "xmm1");
    return mask == 15 ? 31 : 1;
}

static int become_clean(void *unused)
{
    (void)unused;
    __asm__ volatile("pcmpeqd %%xmm15, %%xmm15" : : : "xmm15");
    execl("/proc/self/exe", "fpu", "clean", NULL);
    execl("/test/fpu", "fpu", "clean", NULL);
    return 2;
}

/* --- Handlers ------------------------------------------------------------------------- */

static volatile uint16_t handler_control;
static volatile uint32_t handler_mxcsr;

static void handler(int signal)
{
    uint16_t control;

    (void)signal;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    handler_control = control;
    handler_mxcsr = mxcsr_read();
    __asm__ volatile("fld1; fstp %st(0)"); /* raises what still waits to be raised */
}

/* With a division by zero that is not masked, and that nobody has waited for. */
static void test_handler(void)
{
    uint16_t unmasked = 0x37b, control;

    signal(SIGUSR1, handler);
    mxcsr_write(0x7f80);
    __asm__ volatile("fninit; fldcw %0; fld1; fldz; .byte 0xde, 0xf9" : : "m"(unmasked));
    raise(SIGUSR1);
    __asm__ volatile("fnstcw %0; fnclex; fninit" : "=m"(control));
    check(handler_control == 0x37f && handler_mxcsr == 0x1f80,
          "a handler begins with what a program begins with (%x, %x)", handler_control,
          handler_mxcsr);
    check(control == 0x37b && mxcsr_read() == 0x7f80, "and gives back what it interrupted");
    mxcsr_write(0x1f80);
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "clean") == 0)
        return registers_clean();
    test_several();
    test_modes();
    test_handler();
    check_equal(WEXITSTATUS(child_run(become_clean, NULL)), 31,
                "a new program finds the registers zero");
    return tap_end();
}
