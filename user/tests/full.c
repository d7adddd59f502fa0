/* full.c - files live in memory: when memory is full of them, the writer is told so, and
 * nobody has to end for it. */
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "user/lib/counters.h"

#define PAGE 4096

static char block[PAGE];

/* Write until it is refused: pages written, errno left as it is. */
static long fill(int fd)
{
    long pages = 0;
    while (write(fd, block, PAGE) == PAGE)
        pages++;
    return pages;
}

int main(void)
{
    if (!on_faultline()) {
        check_skip("Faultline only", "a file system as large as memory");
        return tap_end();
    }
    memset(block, 'x', sizeof(block));
    long before = memory_free();
    int fd = open("full", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(fd >= 0, "a file");
    long pages = fill(fd);
    check(errno == ENOSPC, "writing ends in ENOSPC");
    check(pages > before / 4 / 2, "after more than half of the free memory (%ld pages)",
          pages);
    check(pread(fd, block, PAGE, (pages - 1) * PAGE) == PAGE && block[PAGE - 1] == 'x',
          "what was written is there");
    check(pwrite(fd, block, PAGE, 0) == PAGE, "pages that are there can be written again");
    check(close(fd) == 0 && unlink("full") == 0, "the file goes");
    check(memory_free() > before - 256, "and its memory comes back");
    return tap_end();
}
