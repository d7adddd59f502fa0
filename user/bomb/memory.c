/* memory.c - bombs of regions, tables, segments, and of memory itself. */
#include "user/bomb/bomb.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

static void *promise(unsigned long pages, int access)
{
    void *memory = mmap(NULL, pages * PAGE, access,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

/* Every second page gets other rights than its neighbours. */
static void regions(void)
{
    unsigned long pages = 8ul << 20;
    char *memory = promise(pages, PROT_NONE);

    for (unsigned long i = 0; memory && i < pages; i += 2)
        if (mprotect(memory + i * PAGE, PAGE, PROT_READ))
            break;
}

/* The same in many processes, each below the limit of one. */
static void regions_forked(void)
{
    for (;;) {
        int pid = bomb_fork();
        if (pid == 0) {
            regions();
            bomb_wait();
        }
        if (pid < 0)
            usleep(1000);
    }
}

/* A page in every table. */
static void tables(void)
{
    unsigned long span = 2ul << 20;
    char *memory = promise(64ul << 30 >> 12, PROT_READ | PROT_WRITE);

    for (unsigned long at = 0; memory && at < 64ul << 30; at += span)
        *(volatile char *)(memory + at);
}

static void pages(void)
{
    for (;;) {
        char *memory = promise(256, PROT_READ | PROT_WRITE);
        if (!memory)
            return;
        memset(memory, 1, 256 * PAGE);
    }
}

/* --- Segments ------------------------------------------------------------------------------ */

void bomb_segments(void)
{
    for (;;) {
        int id = shmget(IPC_PRIVATE, 64 * PAGE, IPC_CREAT | 0600);
        char *memory = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
        if (memory == (char *)-1)
            return;
        memset(memory, 1, 64 * PAGE);
        shmdt(memory);
    }
}

/* By children, who have ended when memory is out. */
static void segments_orphaned(void)
{
    for (int i = 0; i < 100; i++)
        if (bomb_fork() == 0) {
            bomb_segments();
            _exit(0);
        }
}

static void segments_small(void)
{
    while (shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600) >= 0)
        ;
}

const struct bomb bombs_of_memory[] = {
    {"regions", regions},
    {"regions-forked", regions_forked},
    {"tables", tables},
    {"pages", pages},
    {"segments", bomb_segments},
    {"segments-orphaned", segments_orphaned},
    {"segments-small", segments_small},
    {NULL, NULL},
};
