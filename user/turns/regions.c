/* regions.c - long calls about many regions: every other page has other rights. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void regions_make(void)
{
    block =
        mmap(NULL, many * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(block != MAP_FAILED, "mmap");
    for (size_t i = 0; i < many; i++)
        block[i * PAGE] = 1;
    for (size_t i = 0; i < many; i += 2)
        must(mprotect(block + i * PAGE, PAGE, PROT_READ) == 0, "mprotect");
}

static void regions_end(void)
{
    must(munmap(block, many * PAGE) == 0, "munmap");
}

static void call_protect(void)
{
    must(mprotect(block, many * PAGE, PROT_NONE) == 0, "mprotect");
}

static void call_lock(void)
{
    must(mlockall(MCL_CURRENT) == 0, "mlockall");
    must(munlockall() == 0, "munlockall");
}

static void call_advise(void)
{
    must(madvise(block, many * PAGE, MADV_DONTFORK) == 0, "madvise");
    must(madvise(block, many * PAGE, MADV_DONTNEED) == 0, "madvise");
}

static void call_map(void)
{
    void *place = mmap(NULL, many * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    must(place != MAP_FAILED, "mmap");
    munmap(place, many * PAGE);
}

static void call_maps(void)
{
    file_read("/proc/self/maps");
}

/* One page of a file that many entries map. */
static void mappers_make(void)
{
    int page = memfd_create("page", 0);

    must(page >= 0 && ftruncate(page, PAGE) == 0, "memfd_create");
    block = mmap(NULL, 2 * many * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    must(block != MAP_FAILED, "mmap");
    for (size_t i = 0; i < many; i++) {
        char *place = mmap(block + 2 * i * PAGE, PAGE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_FIXED, page, 0);
        must(place != MAP_FAILED, "mmap");
        *place = 1;
    }
    close(page);
}

static void mappers_end(void)
{
    munmap(block, 2 * many * PAGE);
}

const struct turn turns_of_regions[] = {
    {"regions-mprotect", regions_make, call_protect, regions_end},
    {"regions-mlockall", regions_make, call_lock, regions_end},
    {"regions-fork", regions_make, child_pass, regions_end},
    {"regions-madvise", regions_make, call_advise, regions_end},
    {"regions-mmap", regions_make, call_map, regions_end},
    {"regions-munmap", regions_make, regions_end, NULL},
    {"regions-maps", regions_make, call_maps, regions_end},
    {"regions-smaps", regions_make, smaps_read, regions_end},
    {"regions-stat", regions_make, lines_read, regions_end},
    {"mappers-smaps", mappers_make, smaps_read, mappers_end},
    {"mappers-munmap", mappers_make, mappers_end, NULL},
    {NULL, NULL, NULL, NULL},
};
