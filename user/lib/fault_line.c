/* fault_line.c - see fault_line.h. */
#include "user/lib/fault_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80 };

static const struct {
    const char *name, *meaning, *found;
} kinds[KINDS] = {
    [KIND_ZERO_FILL] = {"zero-fill", "a frame filled with zeroes", "never written"},
    [KIND_ZERO_PAGE] = {"zero-page", "the shared page of zeroes", "never written"},
    [KIND_FILE] = {"file", "a page of a file", "not mapped yet"},
    [KIND_PAGE_IN] = {"page-in", "read back from its slot", "evicted"},
    [KIND_COPY] = {"copy", "a private copy of a page others hold", "shared with others"},
    [KIND_RESIDENT] = {"resident", "in memory already, mapped",
                       "in memory, not mapped here"},
    [KIND_REUSE] = {"reuse", "the last holder keeps the frame", "shared no longer"},
    [KIND_RESCUE] = {"rescue", "back from the free list", "evicted, frame not reused"},
    [KIND_SPURIOUS] = {"spurious", "the pte was right already", "in order"},
    [KIND_INVALID] = {"invalid", "refused with a signal", "not allowed"},
    [KIND_UNKNOWN] = {"unknown", "a kind this program does not know", "unknown"},
};

const char *fault_kind_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

const char *fault_kind_meaning(enum fault_kind kind)
{
    return kinds[kind].meaning;
}

/* The word after " KEY=" (or at the start). False: no such key. */
static bool word_read(const char *text, const char *key, char *word, size_t size)
{
    size_t key_length = strlen(key);

    while (*text) {
        size_t length = strcspn(text, " \n");

        if (strncmp(text, key, key_length) == 0 && text[key_length] == '=') {
            snprintf(word, size, "%.*s", (int)(length - key_length - 1),
                     text + key_length + 1);
            return true;
        }
        text += length;
        text += strspn(text, " \n");
    }
    return false;
}

/* A number, decimal or 0x; -1 when it is missing or "none". */
static long number_read(const char *text, const char *key)
{
    char word[32], *end;

    if (!word_read(text, key, word, sizeof(word)))
        return -1;
    long value = strtol(word, &end, 0);
    return *word && *end == '\0' ? value : -1;
}

static enum fault_kind kind_read(const char *text)
{
    char word[16];

    if (!word_read(text, "kind", word, sizeof(word)))
        return KIND_UNKNOWN;
    for (enum fault_kind kind = 0; kind < KIND_UNKNOWN; kind++)
        if (strcmp(word, kinds[kind].name) == 0)
            return kind;
    return KIND_UNKNOWN;
}

bool fault_line_read(const char *text, struct fault_line *line)
{
    *line = (struct fault_line){
        .n = number_read(text, "n"),
        .pid = number_read(text, "pid"),
        .address = number_read(text, "address"),
        .ip = number_read(text, "ip"),
        .kind = kind_read(text),
        .major = number_read(text, "major") > 0,
        .page = number_read(text, "page"),
        .frame = number_read(text, "frame"),
        .from = number_read(text, "from"),
        .cost = number_read(text, "cost"),
    };
    if (!word_read(text, "region", line->region, sizeof(line->region)))
        strcpy(line->region, "none");
    if (!word_read(text, "rights", line->rights, sizeof(line->rights)))
        strcpy(line->rights, "---");
    if (line->rights[0] && strcmp(line->rights + 3, "-") == 0)
        line->rights[3] = '\0'; /* private goes without saying */
    if (!word_read(text, "backing", line->backing, sizeof(line->backing)))
        strcpy(line->backing, "none");
    return word_read(text, "access", line->access, sizeof(line->access)) && line->n > 0;
}

/* For a person: "data of one-fault", "stack", "zeroes", "no region". */
void fault_line_place(const struct fault_line *line, char *place, size_t size)
{
    const char *part = "constants";
    const char *name;
    char path[160];

    if (strcmp(line->region, "none") == 0 || strcmp(line->backing, "none") == 0) {
        snprintf(place, size, "no region");
        return;
    }
    if (strncmp(line->backing, "file:", 5) != 0) {
        snprintf(place, size, "%s, %s",
                 strcmp(line->backing, "zero") == 0 ? "zeroes" : line->backing,
                 line->rights);
        return;
    }
    snprintf(path, sizeof(path), "%s", line->backing + 5);
    path[strcspn(path, "+")] = '\0';
    name = strrchr(path, '/');
    if (strchr(line->rights, 'x'))
        part = "code";
    else if (strchr(line->rights, 'w'))
        part = "data";
    snprintf(place, size, "%s of %s, %s", part, name ? name + 1 : path, line->rights);
}

/* What stood in the way. For most kinds the kind alone says it. */
static const char *cause_tell(const struct fault_line *line)
{
    if (line->kind == KIND_COPY && strncmp(line->backing, "file:", 5) == 0)
        return "private page still shared with the file";
    if (line->kind == KIND_INVALID && strcmp(line->region, "none") == 0)
        return "nothing is mapped there";
    if (line->kind == KIND_FILE)
        return line->major ? "in the file, not in memory" : "in memory, not mapped yet";
    return kinds[line->kind].found;
}

/* What was done about it. */
static void remedy_tell(const struct fault_line *line, char *remedy, size_t size)
{
    switch (line->kind) {
    case KIND_ZERO_FILL:
        snprintf(remedy, size, "zeroed: frame %ld, page %ld", line->frame, line->page);
        break;
    case KIND_ZERO_PAGE:
        snprintf(remedy, size, "the shared page of zeroes: frame %ld", line->frame);
        break;
    case KIND_FILE:
        snprintf(remedy, size, "%s: frame %ld, page %ld", line->major ? "read" : "mapped",
                 line->frame, line->page);
        break;
    case KIND_COPY:
        snprintf(remedy, size, "copied: frame %ld -> %ld, page %ld", line->from,
                 line->frame, line->page);
        break;
    case KIND_INVALID:
        snprintf(remedy, size, "refused with a signal");
        break;
    case KIND_SPURIOUS:
        snprintf(remedy, size, "nothing to do");
        break;
    case KIND_RESIDENT:
        snprintf(remedy, size, "mapped: frame %ld, page %ld", line->frame, line->page);
        break;
    case KIND_REUSE:
        snprintf(remedy, size, "made writable: frame %ld, page %ld", line->frame,
                 line->page);
        break;
    default:
        snprintf(remedy, size, "%s: frame %ld, page %ld", kinds[line->kind].name,
                 line->frame, line->page);
    }
}

void fault_line_tell(const struct fault_line *line, const char *unit, char *sentence,
                     size_t size)
{
    char place[200], first[320], remedy[120], cost[48] = "", who[32] = "";
    const char *major = line->major ? "major, " : "";

    fault_line_place(line, place, sizeof(place));
    remedy_tell(line, remedy, sizeof(remedy));
    if (line->cost >= 0)
        snprintf(cost, sizeof(cost), " (%s%ld %s)", major, line->cost, unit);
    if (line->pid >= 0)
        snprintf(who, sizeof(who), "[%ld] ", line->pid);
    snprintf(first, sizeof(first), "%3ld  %s%s %#lx (%s): %s", line->n, who,
             strcmp(line->access, "write") == 0     ? "write to"
             : strcmp(line->access, "execute") == 0 ? "execute"
                                                    : "read",
             line->address, place, cause_tell(line));
    size_t together = strlen(first) + strlen(" -> ") + strlen(remedy) + strlen(cost);
    snprintf(sentence, size, "%s%s%s%s", first, together <= COLUMNS ? " -> " : "\n     -> ",
             remedy, cost);
}
