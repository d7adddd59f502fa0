/* exact.c - see exact.h. */
#define _GNU_SOURCE
#include "user/lib/exact.h"

#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char recorded[] = "/sys/fs/cgroup/" EXACT_GROUP "/memory.references";
static char *region;
static char lines[1 << 19], text[1 << 16];

void exact_tell(const char *file, const char *what)
{
    if (!group_tell(EXACT_GROUP, file, what))
        bail(file);
}

char *exact_open(size_t pages)
{
    if (!program_wire())
        bail("mlockall");
    if (!group_make(EXACT_GROUP) || !group_join(EXACT_GROUP))
        bail("a group");
    region = region_map(pages);
    return region;
}

void exact_close(void)
{
    if (!group_join(GROUP_ROOT) || !group_remove(EXACT_GROUP))
        bail("rmdir of the group");
}

void exact_begin(void)
{
    exact_tell("memory.exact", "1");
}

static void lines_read(void)
{
    size_t length = 0;
    ssize_t got;
    int file = open(recorded, O_RDONLY);

    if (file < 0)
        bail(recorded);
    while ((got = read(file, lines + length, sizeof(lines) - 1 - length)) > 0)
        length += got;
    close(file);
    lines[length] = '\0';
}

const char *exact_end(void)
{
    exact_tell("memory.exact", "0");
    lines_read();
    return exact_string_of(0);
}

const char *exact_lines(void)
{
    return lines;
}

/* A line: "0x00007fff01234000 w # 12". */
const char *exact_string_of(unsigned space)
{
    size_t used = 0;

    text[0] = '\0';
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
        unsigned long address;
        unsigned of;
        char kind;

        if (sscanf(line, "%lx %c # %u", &address, &kind, &of) != 3 ||
            (space && of != space))
            continue;
        used += snprintf(text + used, sizeof(text) - used, "%s%c%ld", used ? " " : "", kind,
                         ((long)address - (long)(uintptr_t)region) / PAGE);
    }
    return text;
}

unsigned exact_spaces(unsigned spaces[2], unsigned *changes)
{
    unsigned count = 0, last = 0;

    *changes = 0;
    for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
        unsigned of = strtoul(strchr(line, '#') + 1, NULL, 10);
        bool known = (count > 0 && spaces[0] == of) || (count > 1 && spaces[1] == of);

        *changes += last && of != last;
        last = of;
        if (!known && count < 2)
            spaces[count] = of;
        count += !known;
    }
    return count;
}
