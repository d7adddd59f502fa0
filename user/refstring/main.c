/* refstring - the textbook's exercise, on live memory.
 *
 *   refstring --frames 3 --policy fifo 7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1
 *
 * The program locks itself in memory, makes a group of so many frames under a policy, moves
 * into it and touches pages in the order of the string. Every fault is a real one. It prints
 * which pages went, in order; how many had to be written; and how many faults it took. */
#define _GNU_SOURCE
#include "user/lib/refuse.h"
#include "user/refstring/refstring.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_MOST = 2000, WIDTH = 80 };

void *memory(void *old, size_t size)
{
    void *new = realloc(old, size ? size : 1);

    if (!new)
        refuse("no memory for a string so long");
    return new;
}

static _Noreturn void usage(int status)
{
    fputs(
        "usage: refstring [options] [REFERENCE...]\n"
        "a reference is a page, which is written, or with r behind it read: 7 0 1r 2w\n"
        "\n"
        "the string, instead of words:\n"
        "  --file FILE            words, - is the standard input; # begins a comment\n"
        "  --generate KIND N K    N pages, N * K references: cyclic uniform zipf loop_hot\n"
        "                         matrix_row matrix_col scan_hot transpose\n"
        "  --for N                loop_hot, scan_hot: made for so many frames (--frames)\n"
        "  --warm                 before it, touch all N pages in order, not counted\n"
        "  --batch                many, from the standard input, a line each:\n"
        "                         POLICY FRAMES EXACT TICK REFERENCE...\n"
        "how it is run:\n"
        "  --frames N             (3)\n"
        "  --policy P             (the kernel's)\n"
        "  --exact                the policy is told of every reference\n"
        "  --ticks N              a tick every N faults; 0: none  (frames / 8 + 1)\n"
        "what is printed:\n"
        "  --grid                 the textbook's grid: references across, frames down\n"
        "  --count                not which pages went, only how many\n",
        status ? stderr : stdout);
    exit(status);
}

struct arguments {
    struct settings settings;
    struct string string;
    const char *kind; /* of a generated string */
    uint32_t pages, factor, made_for;
    bool warm, grid, batch;
};

static unsigned long number(const char *word)
{
    char *end;
    unsigned long value = strtoul(word, &end, 10);

    if (*end || end == word || *word == '-' || value > 0x7fffffff)
        refuse("not a number: %.*s", SHOWN, word);
    return value;
}

/* Exact LRU lives on being told. */
static bool wants_exact(const char *policy)
{
    return policy && strcmp(policy, "lru") == 0;
}

static void file_read(struct string *string, const char *path)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *text = NULL;
    const char *word;
    size_t size = 0;

    if (!file)
        refuse("%s: %s", path, strerror(errno));
    ssize_t length = getdelim(&text, &size, '\0', file);
    if (ferror(file))
        refuse("%s: %s", path, strerror(errno));
    if (length > 0 && !text[length - 1])
        refuse("%s: a NUL in it: it is no text", path);
    if (length > 0 && !string_add_text(string, text, &word))
        refuse("not a reference: %.*s (a page, with r or w: 7, 1r, 2w)", SHOWN, word);
    free(text);
}

static void arguments_read(struct arguments *to, int argc, char *argv[])
{
    static const struct option known[] = {
        {"file", required_argument, NULL, 'f'},
        {"generate", required_argument, NULL, 'g'},
        {"warm", no_argument, NULL, 'w'},
        {"batch", no_argument, NULL, 'b'},
        {"frames", required_argument, NULL, 'n'},
        {"policy", required_argument, NULL, 'p'},
        {"exact", no_argument, NULL, 'e'},
        {"ticks", required_argument, NULL, 't'},
        {"grid", no_argument, NULL, 'G'},
        {"count", no_argument, NULL, 'c'},
        {"for", required_argument, NULL, 'F'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    int letter;

    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
        case 'f':
            file_read(&to->string, optarg);
            break;
        case 'g':
            if (optind + 2 > argc)
                usage(EXIT_USAGE);
            to->kind = optarg;
            to->pages = (uint32_t)number(argv[optind++]);
            to->factor = (uint32_t)number(argv[optind++]);
            if (!to->factor)
                refuse("--generate KIND N K: K is at least 1");
            break;
        case 'F':
            to->made_for = (uint32_t)number(optarg);
            break;
        case 'w':
            to->warm = true;
            break;
        case 'b':
            to->batch = true;
            break;
        case 'n':
            to->settings.frames = number(optarg);
            break;
        case 'p':
            to->settings.policy = optarg;
            break;
        case 'e':
            to->settings.exact = true;
            break;
        case 't':
            to->settings.period = (long)number(optarg);
            break;
        case 'G':
            to->grid = true;
            break;
        case 'c':
            to->settings.count_only = true;
            break;
        default:
            usage(letter == 'h' ? 0 : EXIT_USAGE);
        }
    }
    for (; optind < argc; optind++)
        if (!string_add_word(&to->string, argv[optind]))
            refuse("not a reference: %.*s (a page, with r or w: 7, 1r, 2w)", SHOWN,
                   argv[optind]);
}

/* Room for what comes of it, touched before anything is counted. */
static void outcome_prepare(struct outcome *outcome, const struct string *string, bool grid)
{
    size_t count = string->count;

    if (outcome->room < count + 16) {
        outcome->room = count + 16;
        outcome->victim = memory(outcome->victim, outcome->room * sizeof(uint32_t));
    }
    if (grid) {
        outcome->faulted = memory(outcome->faulted, count);
        outcome->victims_before = memory(outcome->victims_before, count * sizeof(uint32_t));
    }
}

static void victims_print(const struct string *string, const struct outcome *outcome)
{
    int column = printf("victims");

    for (size_t i = 0; i < outcome->victims; i++) {
        char word[24];
        int length = snprintf(word, sizeof(word), " %llu",
                              (unsigned long long)string->name[outcome->victim[i]]);

        if (column + length > WIDTH) {
            printf("\n       ");
            column = 7;
        }
        column += length;
        fputs(word, stdout);
    }
    printf("\n");
}

/* The string comes from one place. */
static void source_check(const struct arguments *arguments)
{
    if (arguments->string.count && (arguments->kind || arguments->batch))
        refuse("references, and %s as well", arguments->kind ? "--generate" : "--batch");
    if (arguments->kind && arguments->batch)
        refuse("--generate, and --batch as well");
}

static void run_one(struct arguments *arguments)
{
    struct settings *settings = &arguments->settings;
    struct string *string = &arguments->string;
    struct outcome outcome = {0};

    uint32_t made_for =
        arguments->made_for ? arguments->made_for : (uint32_t)settings->frames;
    if (arguments->kind && !string_generate(string, arguments->kind, arguments->pages,
                                            made_for, arguments->factor, arguments->warm))
        refuse("--generate %.*s: no such string, or too few pages for it", SHOWN,
               arguments->kind);
    if (!string->count)
        usage(EXIT_USAGE);
    if (!settings->frames)
        refuse("--frames: at least 1");
    if (arguments->grid && string->count > GRID_MOST)
        refuse("--grid: at most %d references", GRID_MOST);
    settings->exact |= wants_exact(settings->policy);
    settings->count_only &= !arguments->grid;
    outcome_prepare(&outcome, string, arguments->grid);
    string_run(string, settings, &outcome);
    if (arguments->grid)
        grid_print(string, settings, &outcome);
    if (!settings->count_only)
        victims_print(string, &outcome);
    printf("references %zu\npages %u\nticks %ld\nwrites %ld\nfaults %ld\n",
           string->count - string->warm, string->pages, outcome.ticks, outcome.writes,
           outcome.faults);
}

/* The case of one line; its answer as `policysim --batch` gives it. */
static void run_case(struct string *string, char *line, struct outcome *outcome)
{
    struct settings settings = {0};
    const char *word;
    char *rest = line;

    settings.policy = strsep(&rest, " ");
    word = strsep(&rest, " ");
    settings.frames = number(word ? word : "");
    if (!settings.frames)
        refuse("a line of the batch has no frames: at least 1");
    word = strsep(&rest, " ");
    settings.exact = number(word ? word : "") != 0;
    word = strsep(&rest, " ");
    settings.period = (long)number(word ? word : "");
    string_clear(string);
    if (!rest || !string_add_text(string, rest, &word) || !string->count)
        refuse("a line of the batch has no string");
    settings.exact |= wants_exact(settings.policy);
    outcome_prepare(outcome, string, false);
    string_run(string, &settings, outcome);
    for (size_t i = 0; i < outcome->victims; i++)
        printf(" %llu", (unsigned long long)string->name[outcome->victim[i]]);
    printf(" faults %ld writes %ld\n", outcome->faults, outcome->writes);
}

static void run_batch(struct string *string)
{
    struct outcome outcome = {0};
    char *line = NULL;
    size_t size = 0;

    for (ssize_t length; (length = getline(&line, &size, stdin)) > 0;) {
        if (strlen(line) != (size_t)length)
            refuse("a NUL in a line of the batch: it is no text");
        run_case(string, line, &outcome);
    }
}

int main(int argc, char *argv[])
{
    static struct arguments arguments = {.settings = {.frames = 3, .period = -1}};

    arguments_read(&arguments, argc, argv);
    source_check(&arguments);
    if (arguments.batch)
        run_batch(&arguments.string);
    else
        run_one(&arguments);
    return 0;
}
