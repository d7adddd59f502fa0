/* files.c - bombs of files: their contents, and their names. */
#define _GNU_SOURCE
#include "user/bomb/bomb.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char contents[16 * PAGE];

static int file_make(const char *kind, unsigned number)
{
    char name[100];

    mkdir(BOMB_DIRECTORY, 0755);
    snprintf(name, sizeof(name), BOMB_DIRECTORY "/%s-%u", kind, number);
    return open(name, O_RDWR | O_CREAT, 0644);
}

/* One file, until the disk is full. */
static void file_large(void)
{
    int file = file_make("large", 0);

    memset(contents, 1, sizeof(contents));
    while (write(file, contents, sizeof(contents)) > 0)
        ;
}

static void files_small(void)
{
    for (unsigned i = 0;; i++) {
        int file = file_make("small", i);
        if (file < 0 || write(file, "x", 1) != 1)
            return;
        close(file);
    }
}

/* Written by touching it; the program that does is ended, and the file remains. */
static void file_mapped(void)
{
    int file = file_make("mapped", 0);
    unsigned long size = 1ul << 30;

    if (ftruncate(file, (off_t)size))
        return;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    for (unsigned long at = 0; memory != MAP_FAILED && at < size; at += PAGE)
        memory[at] = 1;
}

static void memfds(void)
{
    memset(contents, 1, sizeof(contents));
    for (;;) {
        int file = memfd_create("bomb", 0);
        if (file < 0)
            return;
        for (unsigned i = 0; i < 16; i++)
            if (write(file, contents, sizeof(contents)) < 0)
                return;
    }
}

/* --- Names --------------------------------------------------------------------------------- */

static void directories(void)
{
    char name[100];

    mkdir(BOMB_DIRECTORY, 0755);
    for (unsigned i = 0;; i++) {
        snprintf(name, sizeof(name), BOMB_DIRECTORY "/directory-%u", i);
        if (mkdir(name, 0755))
            return;
    }
}

/* One within the other, as deep as `rm` with its open files gets. */
static void directories_deep(void)
{
    mkdir(BOMB_DIRECTORY, 0755);
    if (chdir(BOMB_DIRECTORY))
        return;
    for (unsigned depth = 0; depth < 900; depth++)
        if (mkdir("d", 0755) || chdir("d"))
            return;
}

static void links(void)
{
    char name[100], target[4000];

    memset(target, 'x', sizeof(target) - 1);
    target[sizeof(target) - 1] = 0;
    mkdir(BOMB_DIRECTORY, 0755);
    for (unsigned i = 0;; i++) {
        snprintf(name, sizeof(name), BOMB_DIRECTORY "/link-%u", i);
        if (symlink(target, name))
            return;
    }
}

const struct bomb bombs_of_files[] = {
    {"file-large", file_large},
    {"files-small", files_small},
    {"file-mapped", file_mapped},
    {"memfds", memfds},
    {"directories", directories},
    {"directories-deep", directories_deep},
    {"links", links},
    {NULL, NULL},
};
