/* counters.c - see counters.h. */
#define _GNU_SOURCE
#include "user/lib/counters.h"

#include "user/lib/tap.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static void parts_touch(bool written)
{
    const Elf64_Phdr *headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
    const Elf64_Phdr *end = headers + getauxval(AT_PHNUM);

    for (const Elf64_Phdr *part = headers; part < end; part++) {
        if (part->p_type != PT_LOAD || (part->p_flags & PF_W && !written))
            continue;
        for (uintptr_t page = part->p_vaddr & -(uintptr_t)PAGE;
             page < part->p_vaddr + part->p_memsz; page += PAGE) {
            volatile char *byte = (volatile char *)page;

            if (part->p_flags & PF_W)
                *byte = *byte;
            else
                (void)*byte;
        }
    }
}

void program_touch(void)
{
    parts_touch(true);
}

void code_touch(void)
{
    parts_touch(false);
}

enum { STACK = 64 * 1024 };

void stack_touch(void)
{
    char below[STACK];

    for (size_t i = 0; i < STACK; i += PAGE)
        *(volatile char *)(below + i) = 0;
}

long faults_now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

long faults_major_now(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_majflt;
}

/* The whole of a small file, as text. Into memory of our own, so that looking changes
 * nothing of what is looked at. NULL: it cannot be read. */
static const char *text_read(const char *path)
{
    static char text[16384];
    size_t length = 0;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY);

    if (fd < 0)
        return NULL;
    while (length < sizeof(text) - 1 &&
           (got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
        length += got;
    close(fd);
    text[length] = '\0';
    return got < 0 ? NULL : text;
}

long field_read(const char *path, const char *name)
{
    const char *line = text_read(path);
    size_t length = strlen(name);

    while (line && *line) {
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return strtol(line + length + 1, NULL, 10);
        line = strchr(line, '\n');
        if (line)
            line++;
    }
    return -1;
}

long value_read(const char *path, const char *name)
{
    char line[128], format[48];
    FILE *file = fopen(path, "r");
    long value = -1;

    snprintf(format, sizeof(format), " %s %%ld", name);
    while (file && value < 0 && fgets(line, sizeof(line), file))
        sscanf(line, format, &value);
    if (file)
        fclose(file);
    return value;
}

long number_read(const char *path)
{
    const char *text = text_read(path);

    return text ? strtol(text, NULL, 10) : -1;
}

long memory_free(void)
{
    return field_read("/proc/meminfo", "MemFree");
}

static void statm_read(long *promised, long *resident)
{
    const char *text = text_read("/proc/self/statm");

    if (!text || sscanf(text, "%ld %ld", promised, resident) != 2)
        *promised = *resident = -1;
}

long pages_promised(void)
{
    long promised, resident;

    statm_read(&promised, &resident);
    return promised;
}

long pages_resident(void)
{
    long promised, resident;

    statm_read(&promised, &resident);
    return resident;
}

static FILE *pages_open(pid_t pid)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/pages", pid ? pid : getpid());
    return fopen(path, "r");
}

/* One line of /proc/PID/pages:
 *   ADDRESS page=ID|none frame=N|none holders=H rights=r-x flags=RD */
static bool line_read(const char *line, uintptr_t *address, struct page_look *look)
{
    char page[24], frame[24];

    if (sscanf(line, "%lx page=%23s frame=%23s holders=%ld rights=%3s", address, page,
               frame, &look->holders, look->rights) != 5)
        return false;
    if (sscanf(page, "%ld", &look->page) != 1)
        look->page = -1;
    look->present = sscanf(frame, "%ld", &look->frame) == 1;
    if (!look->present)
        look->frame = -1;
    return true;
}

static void look_clear(struct page_look *look)
{
    *look = (struct page_look){.page = -1, .frame = -1, .rights = "---"};
}

static uint64_t word_read(const char *path, uint64_t index)
{
    uint64_t word = 0;
    int fd = open(path, O_RDONLY);

    if (fd >= 0 && pread(fd, &word, sizeof(word), index * sizeof(word)) != sizeof(word))
        word = 0;
    close(fd);
    return word;
}

/* Linux: 64 bits a page, the frame in the low 55, bit 63 when present. */
static bool pagemap_look(pid_t pid, uintptr_t address, struct page_look *look)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/pagemap", pid ? pid : getpid());
    uint64_t entry = word_read(path, address / PAGE);
    look_clear(look);
    if (!(entry >> 63))
        return access(path, R_OK) == 0;
    look->present = true;
    look->frame = entry & ((1ul << 55) - 1);
    look->holders = word_read("/proc/kpagecount", look->frame);
    strcpy(look->rights, "???");
    return look->frame != 0;
}

bool page_look(pid_t pid, const void *wanted, struct page_look *look)
{
    FILE *file = pages_open(pid);
    uintptr_t page = (uintptr_t)wanted & -(uintptr_t)PAGE, address;
    char line[160];
    bool found = false;

    if (!file)
        return pagemap_look(pid, page, look);
    while (!found && fgets(line, sizeof(line), file))
        found = line_read(line, &address, look) && address == page;
    fclose(file);
    if (!found)
        look_clear(look);
    return true;
}

long page_users(const volatile void *address)
{
    struct page_look look;

    if (!pagemap_look(0, (uintptr_t)address & -(uintptr_t)PAGE, &look) || !look.present)
        return -1;
    return look.holders > 0 ? look.holders : -1;
}

static bool pagemap_frames(uintptr_t first, size_t count, long *frames)
{
    struct page_look look;

    for (size_t i = 0; i < count; i++) {
        if (!pagemap_look(0, first + i * PAGE, &look))
            return false;
        frames[i] = look.frame;
    }
    return true;
}

bool frames_look(const void *start, size_t count, long *frames)
{
    FILE *file = pages_open(0);
    uintptr_t first = (uintptr_t)start, address;
    struct page_look look;
    char line[160];

    if (!file)
        return pagemap_frames(first, count, frames);
    for (size_t i = 0; i < count; i++)
        frames[i] = -1;
    while (fgets(line, sizeof(line), file))
        if (line_read(line, &address, &look) && address >= first &&
            address < first + count * PAGE)
            frames[(address - first) / PAGE] = look.frame;
    fclose(file);
    return true;
}

char *region_map(size_t pages)
{
    char *region = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (region == MAP_FAILED)
        bail("mmap");
    madvise(region, pages * PAGE, MADV_NOHUGEPAGE);
    return region;
}
