/* thrash.c - how busy are processor and paging device at one degree of multiprogramming?
 *
 *   thrash [OPTION…] [DEGREE…]    one run for each degree; 4, if none is given
 *
 *   --pages N    working set of each process, in pages      --control WORD   load control: off,
 *   --rounds N   through it, by all of them together           working-set, fault-frequency, …
 *   --compute N  microseconds of computing for each page    --prepaging 0|1
 *   --wait N     microseconds of waiting after each round   --csv            a row a run
 *   --frames N   wire all memory but so many frames         --watch          a line a second
 *   --seconds N  end after so long, whatever was done
 *
 * The work (rounds) is the same for every degree: it is divided among the processes. All
 * numbers are the kernel's (/proc/load_control), in virtual time, from when every process has
 * touched its pages until the last has ended. */
#define _GNU_SOURCE
#include "user/lib/load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char columns[] =
    "degree,control,prepaging,pages,frames,rounds,cpu_percent,device_percent,"
    "faults_per_second,seconds,faults,episodes,suspensions,rotations,prepaged,least_in_2s";

static void setting_read(const char *name, char word[32])
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%31s", word) != 1)
        strcpy(word, "?");
    if (file)
        fclose(file);
}

static long least_of_all(const struct load *load, const struct load_result *result)
{
    long least = result->least[0];
    for (int i = 1; i < load->degree; i++)
        least = result->least[i] < least ? result->least[i] : least;
    return least;
}

static long rounds_of_all(const struct load *load, const struct load_result *result)
{
    long rounds = 0;
    for (int i = 0; i < load->degree; i++)
        rounds += result->rounds[i];
    return rounds;
}

static void print_row(const struct load *load, const struct load_result *result)
{
    const struct load_counts *a = &result->begin, *b = &result->end;
    char control[32], prepaging[32];
    setting_read("load_control", control);
    setting_read("prepaging", prepaging);
    printf(
        "%d,%s,%s,%d,%ld,%ld,%.1f,%.1f,%.1f,%.2f,%ld,%ld,%ld,%ld,%ld,%ld\n", load->degree,
        control, prepaging, load->pages, a->frames, rounds_of_all(load, result),
        load_busy(a, b), load_device(a, b), load_faults(a, b), result->seconds,
        b->faults - a->faults, b->episodes - a->episodes, b->suspensions - a->suspensions,
        b->rotations - a->rotations, b->prepaged - a->prepaged, least_of_all(load, result));
}

static void print_words(const struct load *load, const struct load_result *result)
{
    const struct load_counts *a = &result->begin, *b = &result->end;
    char control[32];
    setting_read("load_control", control);
    printf("%d processes of %d pages each, in %ld frames; load control: %s\n", load->degree,
           load->pages, a->frames, control);
    printf("  processor busy %.0f %%, paging device %.0f %%, %.0f faults a second\n",
           load_busy(a, b), load_device(a, b), load_faults(a, b));
    printf("  %ld rounds in %.1f s; %ld suspensions, %ld pages prepaged\n",
           rounds_of_all(load, result), result->seconds, b->suspensions - a->suspensions,
           b->prepaged - a->prepaged);
    printf("  rounds of each:");
    for (int i = 0; i < load->degree; i++)
        printf(" %ld", result->rounds[i]);
    printf("\n  pages of each in its worst two seconds:");
    for (int i = 0; i < load->degree; i++)
        printf(" %ld", result->least[i]);
    printf("\n");
}

static void print_look(const struct load_counts *from, const struct load_counts *to)
{
    printf(
        "%6.1f s  sets %5ld of %5ld frames  cpu %3.0f %%  device %3.0f %%  %5.0f faults/s  "
        "%ld suspended\n",
        (double)to->time / 1e9, to->working_sets, to->frames, load_busy(from, to),
        load_device(from, to), load_faults(from, to), to->suspended);
    fflush(stdout);
}

static const struct option words[] = {
    {"pages", 1, NULL, 'p'},     {"rounds", 1, NULL, 'r'}, {"compute", 1, NULL, 'c'},
    {"wait", 1, NULL, 'w'},      {"frames", 1, NULL, 'f'}, {"seconds", 1, NULL, 's'},
    {"csv", 0, NULL, 'v'},       {"watch", 0, NULL, 'a'},  {"control", 1, NULL, 'l'},
    {"prepaging", 1, NULL, 'g'}, {NULL, 0, NULL, 0},
};

static bool csv, watch;

static bool option_take(struct load *load, int option)
{
    int number = optarg ? atoi(optarg) : 0;
    switch (option) {
    case 'p':
        return (load->pages = number) > 0;
    case 'r':
        return (load->rounds = number) >= 0;
    case 'c':
        return (load->compute = number) >= 0;
    case 'w':
        return (load->wait = number) >= 0;
    case 'f':
        return (load->frames = number) >= 0;
    case 's':
        return (load->seconds = number) >= 0;
    case 'v':
        return csv = true;
    case 'a':
        return watch = true;
    case 'l':
        return setting_write("load_control", optarg);
    case 'g':
        return setting_write("prepaging", optarg);
    default:
        return false;
    }
}

static int run(struct load *load, int degree)
{
    struct load_result result;
    load->degree = degree;
    if (degree < 1 || degree > LOAD_MOST || (load->rounds == 0 && load->seconds == 0)) {
        fprintf(stderr, "thrash: 1 to %d processes, and an end of their work\n", LOAD_MOST);
        return 2;
    }
    if (!load_run(load, &result, watch ? print_look : NULL)) {
        fprintf(stderr, "thrash: %d processes could not be started\n", degree);
        return 1;
    }
    if (csv)
        print_row(load, &result);
    else
        print_words(load, &result);
    fflush(stdout);
    return result.ended_well == degree ? 0 : 1;
}

int main(int argc, char *argv[])
{
    struct load load = load_standard;
    int option, status = 0;
    while ((option = getopt_long(argc, argv, "", words, NULL)) != -1) {
        if (!option_take(&load, option)) {
            fprintf(stderr,
                    "thrash: see the beginning of user/thrash.c, or docs/thrashing.md\n");
            return 2;
        }
    }
    if (csv)
        puts(columns);
    fflush(stdout);
    if (optind == argc)
        return run(&load, load.degree);
    for (int i = optind; i < argc && status == 0; i++)
        status = run(&load, atoi(argv[i]));
    return status;
}
