/* reports.c - long reports: files of /proc about much memory. */
#include "user/turns/turns.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void call_pages(void)
{
    file_read("/proc/self/pages");
}

/* All of a file of words by one call, into memory that is there. */
static void words_read(const char *path, off_t position)
{
    int file = open(path, O_RDONLY);

    must(file >= 0, path);
    must(pread(file, block, much * PAGE, position) >= 0, path);
    close(file);
}

static void call_pagemap(void)
{
    words_read("/proc/self/pagemap", (off_t)((unsigned long)block / PAGE * 8));
    words_read("/proc/self/pagemap", 0);
}

static void call_frames(void)
{
    words_read("/proc/kpagecount", 0);
    words_read("/proc/kpageflags", 0);
    file_read("/proc/frames");
}

static void call_memory(void)
{
    words_read("/proc/self/mem", (off_t)(unsigned long)block);
}

static void call_clear(void)
{
    file_tell("/proc/self/clear_refs", "1");
    file_tell("/proc/self/clear_refs", "4");
    file_tell("/proc/self/clear_refs", "5");
}

static void call_system(void)
{
    file_read("/proc/meminfo");
    file_read("/proc/vmstat");
    file_read("/proc/zoneinfo");
    file_read("/proc/slabinfo");
    file_read("/proc/stat");
}

static void call_drop(void)
{
    file_tell("/proc/sys/vm/drop_caches", "3");
}

const struct turn turns_of_reports[] = {
    {"pages", block_make, call_pages, block_end},
    {"smaps", block_make, smaps_read, block_end},
    {"stat", block_make, lines_read, block_end},
    {"pagemap", block_make, call_pagemap, block_end},
    {"frames", block_make, call_frames, block_end},
    {"mem", block_make, call_memory, block_end},
    {"clear_refs", block_make, call_clear, block_end},
    {"meminfo", block_make, call_system, block_end},
    {"drop_caches", block_make, call_drop, block_end},
    {NULL, NULL, NULL, NULL},
};
