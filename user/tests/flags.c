/* flags.c - the processor's flags on the way into the kernel and back.
 *
 * A program may have any flag set when it makes a call. The kernel must not inherit them
 * (with DF set its copies would run backwards, with AC set it could touch user memory by
 * mistake), and must hand them back as they were. */
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAG_DF 0x400ul
#define FLAG_NT 0x4000ul
#define FLAG_AC 0x40000ul
#define WAKE    1

/* A call made with `flags` set; *after gets the flags as they are on return. */
static long call_with(uint64_t flags, long number, long a, const void *b, long c,
                      uint64_t *after)
{
    long result;
    uint64_t out;
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t" /* past the red zone */
                     "pushfq\n\t"
                     "pushfq\n\t"
                     "orq %[flags], (%%rsp)\n\t"
                     "popfq\n\t"
                     "syscall\n\t"
                     "pushfq\n\t"
                     "popq %[out]\n\t"
                     "popfq\n\t"
                     "leaq 128(%%rsp), %%rsp"
                     : "=a"(result), [out] "=&r"(out)
                     : "a"(number), "D"(a), "S"(b), "d"(c), [flags] "r"(flags)
                     : "rcx", "r11", "memory", "cc");
    *after = out;
    return result;
}

/* Calls that end in a fault of the kernel's copying, in each of its routines. */
static void refused_try(uint64_t flags, const char *name)
{
    const void *nowhere = (void *)8;
    uint32_t word = 0;
    uint64_t after;
    int zero = open("/dev/zero", O_RDONLY);

    check_equal(call_with(flags, SYS_read, zero, nowhere, 100, &after), -EFAULT,
                "clearing nowhere with %s set", name);
    check_equal(call_with(flags, SYS_uname, 8, NULL, 0, &after), -EFAULT,
                "copying to nowhere with %s set", name);
    check_equal(call_with(flags, SYS_rt_sigsuspend, 8, (void *)8, 0, &after), -EFAULT,
                "copying from nowhere with %s set", name);
    check_equal(call_with(flags, SYS_chdir, 8, NULL, 0, &after), -EFAULT,
                "a string from nowhere with %s set", name);
    check_equal(call_with(flags, SYS_chdir, -8, NULL, 0, &after), -EFAULT,
                "a string of the kernel's with %s set", name);
    check_equal(call_with(flags, SYS_futex, (long)&word, (void *)WAKE, 0, &after), 0,
                "a futex with %s set", name);
    check(after & flags, "%s is set afterwards", name);
    close(zero);
}

static void flag_try(uint64_t flag, const char *name)
{
    char sent[1000], got[1000];
    int ends[2];
    uint64_t after;

    if (pipe(ends) != 0)
        bail("pipe");
    for (unsigned i = 0; i < sizeof(sent); i++)
        sent[i] = (char)(i * 7);
    memset(got, 0, sizeof(got));
    long wrote = call_with(flag, SYS_write, ends[1], sent, sizeof(sent), &after);
    check_equal(wrote, sizeof(sent), "write() with %s set", name);
    check(after & flag, "%s is set afterwards", name);
    check_equal(call_with(flag, SYS_read, ends[0], got, sizeof(got), &after), sizeof(got),
                "read() with %s set", name);
    check(memcmp(sent, got, sizeof(got)) == 0, "the bytes are right, %s or not", name);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    flag_try(FLAG_DF, "DF");
    flag_try(FLAG_NT, "NT");
    flag_try(FLAG_AC, "AC");
    flag_try(FLAG_DF | FLAG_NT | FLAG_AC, "all of them");
    refused_try(FLAG_DF, "DF");
    refused_try(FLAG_AC, "AC");
    return tap_end();
}
