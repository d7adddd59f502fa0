/* refuse_image.c - program images that are damaged, read by the kernel's own reader.
 *
 *   refuse_image PACK     (tests/mutate.py: for each input its length, and its bytes)
 *
 * For each a line: "taken", or why it was refused. The tree of files that is made is the
 * kernel's as well (memory_fs.c, path.c, inode.c); memory is malloc's, so that ASan sees what
 * is read or written where it should not be. What an image that is refused has left behind is
 * forgotten: the kernel stops there. */
#include "kernel/device/archive.c"
#include "kernel/file/file_system.c"
#include "kernel/file/inode.c"
#undef NS_PER_SECOND
#undef BUCKETS
#include "kernel/file/memory_fs.c"
#include "kernel/file/mount.c"
#include "kernel/file/path.c"
#include "kernel/file/symlink.c"
#include "kernel/file/writers.h"
#include "lib/text.c"

#include "mm/demand_paging/object.h"
#include "mm/frames/heap.h"
#include "mm/frames/slab.h"
#include "tests/host/refuse.h"

#include <stdlib.h>

/* --- What they stand on ---------------------------------------------------------------- */

struct capacity capacity = {.names = UINT64_MAX};
struct processor processors[PROCESSORS_MOST];
struct processor *host_processor = &processors[0];
unsigned processor_count = 1;
static struct block_device disk;
static const struct inode_operations no_operations;
const struct inode_operations regular_operations, pipe_operations, tty_operations;

static void *memory_all[1 << 16]; /* taken and not given back */
static unsigned memory_count;

void *heap_take(size_t size)
{
    void *memory = calloc(1, size);
    if (memory_count == ARRAY_SIZE(memory_all))
        abort();
    memory_all[memory_count++] = memory;
    return memory;
}

void heap_give(void *memory, size_t size)
{
    (void)size;
    for (unsigned i = memory_count; i-- > 0;)
        if (memory_all[i] == memory) {
            memory_all[i] = memory_all[--memory_count];
            free(memory);
            return;
        }
    panic("given back: nothing that was taken");
}

void *slab_take(struct slab_cache *cache)
{
    return heap_take(cache->size);
}

void slab_give(struct slab_cache *cache, void *thing)
{
    heap_give(thing, cache->size);
}

struct object *object_create(struct block_device *device, uint64_t position, uint64_t size)
{
    if (device && (position > device->length || size > device->length - position))
        panic("a file at %lu of %lu bytes, in an image of %lu", position, size,
              device->length);
    struct object *object = heap_take(sizeof(*object));
    object->references = 1;
    return object;
}

void object_release(struct object *object)
{
    if (--object->references == 0)
        heap_give(object, sizeof(*object));
}

const struct inode_operations *device_operations(uint64_t number)
{
    (void)number;
    return &no_operations;
}

void device_populate(struct inode *directory)
{
    (void)directory;
}

struct inode *proc_root_create(void)
{
    return inode_create(&no_operations, S_IFDIR, &file_system_proc);
}

struct inode *cgroup_root_create(void)
{
    return inode_create(&no_operations, S_IFDIR, &file_system_groups);
}

uint32_t poll_sleepers;
uint64_t poll_changes;

void poll_wake_sleepers(void)
{
}

void thread_breathe(void)
{
}

bool writers_mapped(struct inode *inode)
{
    (void)inode;
    return false;
}

uint64_t rtc_boot_seconds(void)
{
    return 1;
}

uint64_t time_now(void)
{
    return 1;
}

int thread_sleep(const void *channel, enum sleep_kind kind, uint64_t deadline)
{
    (void)channel, (void)kind, (void)deadline;
    panic("nobody sleeps here");
}

void thread_wake(const void *channel)
{
    (void)channel;
}

/* --- One image ------------------------------------------------------------------------- */

static void read_one(const uint8_t *bytes, size_t length)
{
    disk.length = length;
    memset(buckets, 0, sizeof(buckets));
    if (refuse_catch())
        mount_all(&disk, bytes, length);
    refuse_tell();
    while (memory_count)
        free(memory_all[--memory_count]);
}

int main(int argc, char **argv)
{
    return refuse_all(argc, argv, read_one);
}
