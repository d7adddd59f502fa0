/* predict.c - see predict.h. */
#define _GNU_SOURCE
#include "user/lib/predict.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user/lib/counters.h"

#define KINDS_A_LINE 5

struct resident {
    unsigned long *addresses; /* of pages in frames, ascending */
    size_t count, room;
};

struct score {
    int asked, right;
};

struct predict {
    pid_t pid;
    FILE *answers;
    unsigned dice; /* 0: every fault is asked */
    bool over;     /* no answers come any more */
    struct resident before;
    struct score kind, page, victim;
};

/* What to type, and what the kind is to be known by. */
static const struct {
    char letter;
    const char *because;
} kinds[KINDS] = {
    [KIND_ZERO_FILL] = {'z',
                        "private memory without a file, never written, and now written"},
    [KIND_ZERO_PAGE] = {'0',
                        "private memory without a file, never written, and only read: the "
                        "one page of zeroes will do"},
    [KIND_FILE] = {'f', "a page of a file (or of shared memory), read or shared, that this "
                        "space has no pte for yet"},
    [KIND_PAGE_IN] = {'i',
                      "it had been evicted, and its frame was used for another since: its "
                      "slot must be read"},
    [KIND_COPY] = {'c', "a write to a private page that the file, or another process since "
                        "fork, sees too: the writer gets a copy"},
    [KIND_REUSE] = {'u',
                    "a write to a page that was shared once, but all others have let go "
                    "of: nothing to copy"},
    [KIND_RESIDENT] = {'r',
                       "the page was in its frame all the time; only the pte did not say "
                       "so"},
    [KIND_RESCUE] = {'k',
                     "it had been evicted, but its frame was not used again yet: it is "
                     "taken back off the free list"},
    [KIND_SPURIOUS] = {'s',
                       "the pte allowed it already: the TLB was behind, or somebody was "
                       "faster"},
    [KIND_INVALID] = {'v', "no region promises that access: a signal"},
    [KIND_UNKNOWN] = {'?', "a kind that this program does not know"},
};

/* --- What is resident -------------------------------------------------------------------- */

static void resident_add(struct resident *resident, unsigned long address)
{
    if (resident->count == resident->room) {
        size_t room = resident->room ? 2 * resident->room : 1024;
        unsigned long *larger = realloc(resident->addresses, room * sizeof(*larger));
        if (!larger)
            return;
        resident->addresses = larger;
        resident->room = room;
    }
    resident->addresses[resident->count++] = address;
}

/* /proc/PID/pages: lines "ADDRESS page=… frame=…", ascending. */
static struct resident resident_read(pid_t pid)
{
    struct resident resident = {0};
    char path[48], line[256];

    snprintf(path, sizeof(path), "/proc/%d/pages", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof(line), file)) {
        char *end;
        unsigned long address = strtoul(line, &end, 16);
        if (end != line && !strstr(line, "frame=none"))
            resident_add(&resident, address);
    }
    if (file)
        fclose(file);
    return resident;
}

/* The lowest address that has lost its frame; 0: none has. */
static unsigned long resident_lost(const struct resident *before,
                                   const struct resident *now)
{
    size_t at = 0;

    for (size_t i = 0; i < before->count; i++) {
        while (at < now->count && now->addresses[at] < before->addresses[i])
            at++;
        if (at == now->count || now->addresses[at] != before->addresses[i])
            return before->addresses[i];
    }
    return 0;
}

/* --- Asking ---------------------------------------------------------------------------------- */

/* The next answer, without blanks around it; "" when there is none. */
static const char *answer_read(struct predict *predict)
{
    static char answer[128];

    fputs(" > ", stdout);
    fflush(stdout);
    if (!fgets(answer, sizeof(answer), predict->answers)) {
        predict->over = true;
        puts("(no more answers)");
        return "";
    }
    answer[strcspn(answer, "\n")] = '\0';
    char *start = answer + strspn(answer, " \t");
    for (char *end = start + strlen(start); end > start && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return start;
}

/* A letter or the whole name. */
static enum fault_kind kind_answered(const char *answer)
{
    for (enum fault_kind kind = 0; kind < KIND_UNKNOWN; kind++) {
        bool letter = answer[0] == kinds[kind].letter && !answer[1];
        if (letter || strcmp(answer, fault_kind_name(kind)) == 0)
            return kind;
    }
    return KIND_UNKNOWN;
}

static void kinds_show(void)
{
    for (enum fault_kind kind = 0; kind < KIND_UNKNOWN; kind++)
        printf("%s%c %s",
               kind == 0              ? "     "
               : kind == KINDS_A_LINE ? ",\n     "
                                      : ", ",
               kinds[kind].letter, fault_kind_name(kind));
}

/* What they answer, which is a kind; what is none is not a wrong answer, and is asked again.
 * KIND_UNKNOWN: no answers come any more. */
static enum fault_kind kind_await(struct predict *predict)
{
    for (;;) {
        kinds_show();
        const char *answer = answer_read(predict);
        enum fault_kind kind = kind_answered(answer);
        if (predict->over || kind != KIND_UNKNOWN)
            return kind;
        if (answer[0])
            printf(
                "     \"%s\" is no kind, and does not count: one of these letters, or its "
                "name.\n",
                answer);
        else
            puts("     Which? One of these letters, or its name.");
    }
}

static void ask_kind(struct predict *predict, const struct fault_line *line)
{
    char place[200];

    fault_line_place(line, place, sizeof(place));
    printf("\n%3ld  %s %#lx (%s). What will it be?\n", line->n, line->access,
           (unsigned long)line->address, place);
    enum fault_kind guess = kind_await(predict);
    if (predict->over)
        return;
    predict->kind.asked++;
    if (guess == line->kind) {
        predict->kind.right++;
        puts("     Right.");
        return;
    }
    printf("     No, it is %s: %s.\n", fault_kind_name(line->kind),
           kinds[line->kind].because);
}

/* The number they answer; what is none is asked again. When no answers come any more, 0, and
 * predict->over says so. */
static unsigned long number_await(struct predict *predict, const char *question, int base)
{
    for (;;) {
        char *end;

        printf("     %s", question);
        const char *answer = answer_read(predict);
        unsigned long number = strtoul(answer, &end, base);
        if (predict->over || (isxdigit((unsigned char)answer[0]) && !*end))
            return number;
        printf("     \"%s\" is no number%s, and does not count.\n", answer,
               base == 16 ? " in hexadecimal" : "");
    }
}

static void ask_number(struct predict *predict, struct score *score, const char *question,
                       unsigned long right, int base)
{
    unsigned long number = number_await(predict, question, base);

    if (predict->over)
        return;
    score->asked++;
    if (number == right) {
        score->right++;
        puts("     Right.");
    } else {
        printf(base == 16 ? "     No, %#lx.\n" : "     No, %lu.\n", right);
    }
}

/* Which page of the file: it follows from the region, with pencil and paper. */
static void ask_page(struct predict *predict, const struct fault_line *line)
{
    const char *offset = strrchr(line->backing, '+');

    if (!offset || strncmp(line->backing, "file:", 5) != 0)
        return;
    unsigned long page = strtoul(offset + 1, NULL, 0) / PAGE;
    unsigned long start = strtoul(line->region, NULL, 0);
    printf("     The region %s begins with page %lu of the file.\n", line->region,
           page - ((unsigned long)line->address - start) / PAGE);
    ask_number(predict, &predict->page, "Which page of the file is it, from 0 on?", page,
               10);
}

static bool chosen(struct predict *predict)
{
    if (!predict->dice)
        return true;
    predict->dice = predict->dice * 1664525u + 1013904223u;
    return predict->dice >> 31;
}

struct predict *predict_begin(pid_t pid, FILE *answers, unsigned seed)
{
    struct predict *predict = calloc(1, sizeof(*predict));

    if (predict)
        *predict = (struct predict){.pid = pid, .answers = answers, .dice = seed};
    return predict;
}

void predict_ask(struct predict *predict, const struct fault_line *line)
{
    struct resident now = resident_read(predict->pid);
    unsigned long lost = line->n > 1 ? resident_lost(&predict->before, &now) : 0;

    free(predict->before.addresses);
    predict->before = now;
    if (predict->over || !chosen(predict))
        return;
    ask_kind(predict, line);
    if (!predict->over && line->kind == KIND_FILE)
        ask_page(predict, line);
    if (!predict->over && lost)
        ask_number(
            predict, &predict->victim,
            "Memory was full, and a page of this process had to go. Which (address)?", lost,
            16);
}

static void score_print(const char *what, const struct score *score)
{
    if (score->asked)
        printf("  %-22s %d of %d, %d %%\n", what, score->right, score->asked,
               100 * score->right / score->asked);
}

void predict_end(struct predict *predict)
{
    puts("\nYour score:");
    score_print("kinds of faults", &predict->kind);
    score_print("pages of files", &predict->page);
    score_print("pages that had to go", &predict->victim);
    if (!predict->kind.asked)
        puts("  nothing was answered");
    free(predict->before.addresses);
    free(predict);
}
