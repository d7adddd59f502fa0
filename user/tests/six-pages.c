/* six-pages.c - one instruction that touches six pages, none of them wired, in a group of so
 * many frames.
 *
 *   six-pages FRAMES POLICY [ROUNDS]
 *
 * The instruction lies across the edge of two pages, and so does all that it reads, and all
 * that it writes: movsq, push from memory, and enter with a nesting level. Before each go
 * other pages push the six out. All else of the program is wired. Prints `done N`; in fewer
 * frames than six the kernel has to end it. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { OTHERS = 12 };

static int rounds = 100;

/* Bytes of an instruction, of which the first `before` lie before the edge. */
struct instruction {
    const char *name;
    unsigned char bytes[4];
    unsigned length, before;
};

static const struct instruction instructions[] = {
    {"movsq", {0x48, 0xa5}, 2, 1},
    {"push (%rsi)", {0xff, 0x36}, 2, 1},
    {"enter $0, $4", {0xc8, 0x00, 0x00, 0x04}, 4, 2},
};

static char *code, *source, *target, *others;

/* Run what stands at `entry` with all pointers near the edges of their two pages. */
static void run(const char *entry)
{
    __asm__ volatile("movq %%rsp, %%r12\n\t"
                     "movq %%rbp, %%r13\n\t"
                     "leaq 1f(%%rip), %%r14\n\t"
                     "leaq 12(%%rsi), %%rbp\n\t"
                     "leaq 12(%%rdi), %%rsp\n\t"
                     "subq $4, %%rsi\n\t"
                     "subq $4, %%rdi\n\t"
                     "jmp *%%rax\n"
                     "1:\tmovq %%r12, %%rsp\n\t"
                     "movq %%r13, %%rbp"
                     :
                     : "a"(entry), "S"(source + PAGE), "D"(target + PAGE)
                     : "r12", "r13", "r14", "memory", "cc");
}

/* The instruction across the edge, then jmp *%r14. */
static const char *instruction_place(const struct instruction *instruction)
{
    static const unsigned char back[] = {0x41, 0xff, 0xe6};
    char *entry = code + PAGE - instruction->before;

    mprotect(code, 2 * PAGE, PROT_READ | PROT_WRITE);
    memset(code, 0x90, 2 * PAGE);
    memcpy(entry, instruction->bytes, instruction->length);
    memcpy(entry + instruction->length, back, sizeof(back));
    mprotect(code, 2 * PAGE, PROT_READ | PROT_EXEC);
    return entry;
}

/* Something that was not there before has come to the target, from the source. */
static bool instruction_run(const struct instruction *instruction, int round)
{
    uint64_t word = 0x0101010101010101ull * (unsigned)(1 + round % 200), found = 0;
    const char *entry = instruction_place(instruction);

    memset(source + PAGE - 64, (int)(word & 255), 128);
    memset(target + PAGE - 64, 0, 128);
    for (int i = 0; i < OTHERS; i++)
        others[i * PAGE]++;
    run(entry);
    for (int at = -32; at <= 4; at++) {
        memcpy(&found, target + PAGE + at, sizeof(found));
        if (found == word)
            return true;
    }
    return false;
}

static int child(void *argument)
{
    char *const *words = argument;
    const char *group = "six-pages";

    if (!group_make(group) || !group_tell(group, "memory.policy", words[2]) ||
        !group_limit(group, strtoul(words[1], NULL, 10)) || !program_wire())
        return 1;
    code = region_map(2);
    source = region_map(2);
    target = region_map(2);
    others = region_map(OTHERS);
    group_tell(group, "memory.tick", "period 1");
    group_join(group);
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < sizeof(instructions) / sizeof(*instructions); i++)
            if (!instruction_run(&instructions[i], round))
                return 2 + (int)i;
    return 0;
}

int main(int argc, char *argv[])
{
    if (argc < 3 || argc > 4)
        return 1;
    rounds = argc == 4 ? atoi(argv[3]) : rounds;
    int status = child_run(child, argv);
    if (WIFSIGNALED(status))
        printf("killed by signal %d\n", WTERMSIG(status));
    else if (WEXITSTATUS(status))
        printf("wrong: %d\n", WEXITSTATUS(status));
    else
        printf("done %d\n", 3 * rounds);
    return !group_remove("six-pages");
}
