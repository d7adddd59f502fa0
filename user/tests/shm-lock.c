/* shm-lock.c - SHM_LOCK is kept: the pages of the segment stay when memory is short, those that
 * come later too; after SHM_UNLOCK they go like others. Wants a swap area. */
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/group.h"
#include "user/lib/tap.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>

enum { PAGES = 16, LIMIT = 40, OTHERS = 4 * LIMIT };

static int id;

static void touch(volatile char *at, int from, int to)
{
    for (int i = from; i < to; i++)
        at[i * PAGE]++;
}

static int resident(const char *at)
{
    struct page_look look;
    int count = 0;

    for (int i = 0; i < PAGES; i++)
        count += page_look(0, at + i * PAGE, &look) && look.present;
    return count;
}

/* How many of the segment's pages survive that far more memory is wanted than there may be. */
static int survivors(char *segment)
{
    volatile char *others = region_map(OTHERS);

    touch(others, 0, OTHERS);
    touch(others, 0, OTHERS);
    munmap((void *)others, OTHERS * PAGE);
    return resident(segment);
}

static int member(void *argument)
{
    (void)argument;
    if (!program_wire() || !group_join("shm-lock"))
        return 2;
    char *segment = shmat(id, NULL, 0);
    touch(segment, 0, PAGES / 2);
    if (shmctl(id, SHM_LOCK, NULL) != 0)
        return 3;
    touch(segment, PAGES / 2, PAGES);
    int locked = survivors(segment);
    shmctl(id, SHM_UNLOCK, NULL);
    int unlocked = survivors(segment);
    note("%d stay, then %d", locked, unlocked);
    return locked == PAGES && unlocked < PAGES ? 0 : 1;
}

int main(void)
{
    if (field_read("/proc/meminfo", "SwapTotal") <= 0 || !group_make("shm-lock")) {
        check_skip("no swap area, or no groups", "SHM_LOCK");
        return tap_end();
    }
    id = shmget(IPC_PRIVATE, PAGES * PAGE, IPC_CREAT | 0600);
    group_limit("shm-lock", LIMIT);
    check_equal(child_run(member, NULL), 0,
                "what is locked stays, and goes when it is not");
    shmctl(id, IPC_RMID, NULL);
    check(group_remove("shm-lock"), "and nothing is left");
    return tap_end();
}
