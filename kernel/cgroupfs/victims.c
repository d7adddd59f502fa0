/* kernel/cgroupfs/victims.c - memory.victims: which pages went, in order.
 *
 * Writing 1 begins a new list, 0 ends it. Each page that the group's policy has sent away
 * since is a line: its address, in hexadecimal, in the space that had it (0x0: a file's
 * page, or one that no space had). Reading takes the lines out. A list that nobody reads for
 * 65,536 victims loses the oldest, and says so: `lost N`. */
#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/cgroupfs/cgroup.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "mm/mm.h"

#define RING_FRAMES   128u
#define FRAME_HOLDS   (PAGE_SIZE / sizeof(uintptr_t))
#define RING_VICTIMS  (RING_FRAMES * FRAME_HOLDS)
#define LINE_MAX      32
#define BYTES_AT_ONCE 512u /* between two looks at the clock */

struct victims {
    uint64_t written, taken, lost;
    uintptr_t next; /* the address of the page that is about to go */
    frame_t ring[RING_FRAMES];
};

static uintptr_t *victim_at(const struct victims *victims, uint64_t number)
{
    uint64_t index = number % RING_VICTIMS;
    uintptr_t *addresses = frame_data(victims->ring[index / FRAME_HOLDS]);
    return &addresses[index % FRAME_HOLDS];
}

void above_evicting(unsigned group, page_t page)
{
    cgroups[group].victims->next = view_address(page);
}

void above_evicted(unsigned group)
{
    struct victims *victims = cgroups[group].victims;
    if (victims->written - victims->taken == RING_VICTIMS) {
        victims->taken++;
        victims->lost++;
    }
    *victim_at(victims, victims->written++) = victims->next;
}

/* --- Beginning and end ------------------------------------------------------------------- */

void victims_end(struct cgroup *cgroup)
{
    struct victims *victims = cgroup->victims;
    if (!victims)
        return;
    group_watch(cgroup_group(cgroup), false);
    cgroup->victims = NULL;
    record_give(victims->ring, RING_FRAMES);
    heap_give(victims, sizeof(*victims));
}

static int victims_begin(struct cgroup *cgroup)
{
    struct victims *victims = cgroup->victims;
    if (victims) {
        victims->taken = victims->written;
        victims->lost = 0;
        return 0;
    }
    victims = heap_take(sizeof(*victims));
    if (!victims)
        return -ENOMEM;
    if (!record_take(victims->ring, RING_FRAMES)) {
        heap_give(victims, sizeof(*victims));
        return -ENOMEM;
    }
    cgroup->victims = victims;
    group_watch(cgroup_group(cgroup), true);
    return 0;
}

int victims_told(struct cgroup *cgroup, const char *text)
{
    if ((*text != '0' && *text != '1') || text[1])
        return -EINVAL;
    if (*text == '1')
        return victims_begin(cgroup);
    victims_end(cgroup);
    return 0;
}

/* --- Reading ------------------------------------------------------------------------------ */

/* The next line, which is taken out; 0: there is none. */
static size_t line_take(struct victims *victims, char line[LINE_MAX], size_t room)
{
    size_t length = 0;
    if (victims->lost)
        length = format(line, LINE_MAX, "lost %lu\n", victims->lost);
    else if (victims->taken < victims->written)
        length = format(line, LINE_MAX, "0x%lx\n", *victim_at(victims, victims->taken));
    if (length == 0 || length > room)
        return 0;
    if (victims->lost)
        victims->lost = 0;
    else
        victims->taken++;
    return length;
}

/* The copy may fault, and so evict, and may sleep while the list ends: look it up each time. */
static long victims_read(struct file *file, void __user *buffer, size_t length,
                         uint64_t *position __attribute__((unused)))
{
    uintptr_t to = (uintptr_t)buffer;
    size_t done = 0;
    char line[LINE_MAX];

    if (length < LINE_MAX)
        return -EINVAL;
    for (;;) {
        const struct cgroup *cgroup = cgroup_of(file->inode);
        size_t part =
            cgroup && cgroup->victims ? line_take(cgroup->victims, line, length - done) : 0;
        if (!part)
            return done;
        if (copy_to_user((void __user *)(to + done), line, part))
            return done ? (long)done : -EFAULT;
        done += part;
        if (done % BYTES_AT_ONCE < part)
            thread_breathe();
    }
}

const struct inode_operations victims_operations = {
    .read = victims_read,
    .write = cgroup_file_write,
    .fetches = true,
};
