/* group.c - see group.h.  Allocates nothing, and touches nothing that wiring has missed. */
#define _GNU_SOURCE
#include "user/lib/group.h"

#include "user/lib/counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS "/sys/fs/cgroup"

enum { PATH = 320, TEXT = 4096 };

static void path_make(char path[PATH], const char *name, const char *file)
{
    const char *slash = *name ? "/" : "";

    snprintf(path, PATH, GROUPS "%s%s%s%s", slash, name, *file ? "/" : "", file);
}

bool group_make(const char *name)
{
    char path[PATH];

    path_make(path, name, "");
    return mkdir(path, 0755) == 0;
}

bool group_remove(const char *name)
{
    char path[PATH];

    path_make(path, name, "");
    return rmdir(path) == 0;
}

bool group_tell(const char *name, const char *file, const char *text)
{
    char path[PATH];

    path_make(path, name, file);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool told = write(descriptor, text, strlen(text)) == (ssize_t)strlen(text);
    close(descriptor);
    return told;
}

bool group_tell_number(const char *name, const char *file, unsigned long number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lu", number);
    return group_tell(name, file, text);
}

/* Read it to its end, or until the buffer is full. Bytes, -1: cannot be read. */
static ssize_t group_read(const char *name, const char *file, char *buffer, size_t size)
{
    char path[PATH];
    size_t length = 0;
    ssize_t got = 0;

    path_make(path, name, file);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    while (length < size - 1 &&
           (got = read(descriptor, buffer + length, size - 1 - length)) > 0)
        length += got;
    close(descriptor);
    buffer[length] = '\0';
    return got < 0 ? -1 : (ssize_t)length;
}

long group_number(const char *name, const char *file, const char *key)
{
    static char text[TEXT];
    const char *line = text;

    if (group_read(name, file, text, sizeof(text)) < 0)
        return -1;
    if (!key)
        return strtol(text, NULL, 10);
    for (; *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == ' ')
            return strtol(line + strlen(key), NULL, 10);
        if (!strchr(line, '\n'))
            break;
    }
    return -1;
}

bool group_join(const char *name)
{
    return group_tell(name, "cgroup.procs", "0");
}

bool group_limit(const char *name, unsigned long frames)
{
    return group_tell_number(name, "memory.max", frames * PAGE);
}

/* The lines of one piece; a line is never cut between two reads. */
static long addresses_read(const char *text, unsigned long *addresses, size_t count)
{
    size_t found = 0;

    while (*text && found < count) {
        char *end;

        if (strncmp(text, "lost", 4) == 0)
            return -1;
        addresses[found++] = strtoul(text, &end, 16);
        text = end + 1;
    }
    return (long)found;
}

enum { LINE_MAX_LENGTH = 32 };

long group_victims(const char *name, unsigned long *addresses, size_t count)
{
    static char text[64 * 1024 + 1];
    char path[PATH];
    size_t found = 0, room;
    ssize_t got = 0;

    path_make(path, name, "memory.victims");
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return -1;
    /* A line has at least four characters ("0x0" and its end): ask for no more than fit. */
    while ((room = (count - found) * 4) >= LINE_MAX_LENGTH) {
        if (room > sizeof(text) - 1)
            room = sizeof(text) - 1;
        got = read(descriptor, text, room);
        if (got <= 0)
            break;
        text[got] = '\0';
        long more = addresses_read(text, addresses + found, count - found);
        if (more < 0) {
            got = -1;
            break;
        }
        found += more;
    }
    close(descriptor);
    return got < 0 ? -1 : (long)found;
}

bool program_wire(void)
{
    stack_touch();
    program_touch();
    return mlockall(MCL_CURRENT) == 0;
}
