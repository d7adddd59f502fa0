/* operation - one thing that memory management does, for so many pages; for whoever counts from
 * outside (tests/test_locks.py).
 *
 *     operation touch|unmap|fork|copy|again PAGES
 *
 * Each begins by touching all pages. Then: nothing more; munmap; fork and the child's exit; the
 * same, and the child writes to each page; each page is touched once more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul

static void touch(volatile char *area, unsigned long pages)
{
    for (unsigned long i = 0; i < pages; i++)
        area[i * PAGE] = (char)i;
}

static void fork_child(volatile char *area, unsigned long pages)
{
    if (fork() == 0) {
        touch(area, pages);
        _exit(0);
    }
    wait(NULL);
}

int main(int count, char **words)
{
    if (count != 3)
        return 2;
    unsigned long pages = strtoul(words[2], NULL, 10);
    char *area = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return 1;
    touch(area, pages);
    if (!strcmp(words[1], "unmap"))
        munmap(area, pages * PAGE);
    else if (!strcmp(words[1], "fork"))
        fork_child(area, 0);
    else if (!strcmp(words[1], "copy"))
        fork_child(area, pages);
    else if (!strcmp(words[1], "again"))
        touch(area, pages);
    return 0;
}
