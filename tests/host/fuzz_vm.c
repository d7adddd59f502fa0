/* tests/host/fuzz_vm.c - the fuzzer with a seed: the same seed makes the same run.
 *
 *     fuzz_vm [--seed N] [--operations N] [--frames N] [--slots N] [--threads N]
 *             [--processors N] [--verbose] [--quiet]
 */
#include "mm/frames/frame.h"
#include "tests/host/fuzz.h"

#include <sanitizer/common_interface_defs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t seed = 1;
static uint32_t frames_wanted = 600, slots_wanted = 1200;

static struct fuzz_options options = {
    .operations = 100000, .threads = 10, .processors = 1, .progress = true};

static void say_where(void)
{
    fprintf(
        stderr,
        "again: fuzz_vm --seed %lu --operations %lu --frames %u --slots %u --threads %u "
        "--processors %u\n",
        seed, options.operations, frames_wanted, slots_wanted, options.threads,
        options.processors);
    fuzz_log_print();
}

static uint64_t number(const char *option, const char *text)
{
    char *end;
    uint64_t value = text != NULL ? strtoull(text, &end, 0) : 0;
    if (text == NULL || *end != '\0' || end == text) {
        fprintf(stderr, "%s needs a number\n", option);
        exit(2);
    }
    return value;
}

static void options_read(char **argument)
{
    for (; *argument != NULL; argument++) {
        const char *name = *argument;
        if (strcmp(name, "--verbose") == 0)
            options.verbose = host_verbose = true;
        else if (strcmp(name, "--quiet") == 0)
            options.progress = false;
        else if (strcmp(name, "--seed") == 0)
            seed = number(name, *++argument);
        else if (strcmp(name, "--operations") == 0)
            options.operations = number(name, *++argument);
        else if (strcmp(name, "--frames") == 0)
            frames_wanted = (uint32_t)number(name, *++argument);
        else if (strcmp(name, "--slots") == 0)
            slots_wanted = (uint32_t)number(name, *++argument);
        else if (strcmp(name, "--threads") == 0)
            options.threads = (unsigned)number(name, *++argument);
        else if (strcmp(name, "--processors") == 0)
            options.processors = (unsigned)number(name, *++argument);
        else {
            fprintf(stderr, "fuzz_vm: what is %s?\n", name);
            exit(2);
        }
    }
}

int main(int count, char **arguments)
{
    (void)count;
    options_read(arguments + 1);
    if (options.processors > PROCESSORS_MOST) {
        fprintf(stderr, "fuzz_vm: %u processors at most\n", PROCESSORS_MOST);
        return 2;
    }
    host_fail_hook = say_where;
    __sanitizer_set_death_callback(say_where);
    host_device.instant = 40;
    host_device.failing = 3;
    host_swap.instant = 40;
    choice_seed(seed);
    machine_start(frames_wanted, slots_wanted);
    printf("fuzz_vm: seed %lu, %lu operations, %u frames, %u slots\n", seed,
           options.operations, frames_wanted, slots_wanted);
    fuzz_run(&options);
    if (options.progress)
        fuzz_report();
    printf("fuzz_vm: seed %lu: all as the model says\n", seed);
    return 0;
}
