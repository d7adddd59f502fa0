/* kernel/file/mount.c - the file systems that programs see, put together at the start.
 *
 * The root is the program image, unpacked. /dev, /dev/shm and /tmp are directories in it, whether
 * the image has them or not. /proc and /sys/fs/cgroup are trees of the kernel's own, which take
 * the places of empty directories. Programs hang others there later (kernel/linux/mounts.c). */
#include "kernel/file/mount.h"
#include "kernel/cgroupfs/cgroup.h"
#include "kernel/device/archive.h"
#include "kernel/device/device.h"
#include "kernel/file/file_system.h"
#include "kernel/file/memory_fs.h"
#include "kernel/procfs/proc.h"
#include "kernel/report/log.h"
#include "lib/panic.h"
#include "lib/string.h"

/* A directory that must be there, whether the image has it or not; its reference is the
 * caller's. */
static struct inode *mount_directory(const char *path, uint32_t mode, unsigned flags)
{
    struct place place;

    if (path_walk(file_root, path, flags, &place))
        refuse("program image: %s leads nowhere in it; leave that out", path);
    if (!place.inode && memory_directory_operations.create(place.directory, place.name,
                                                           S_IFDIR | mode, 0, &place.inode))
        refuse("files: no memory for the directory %s; give the machine more", path);
    if (!inode_is_directory(place.inode))
        refuse("program image: %s is no directory in it; leave that out", path);
    return path_take(&place);
}

/* Put a file system of the kernel's in the place of an empty directory. */
static void mount_tree(const char *path, struct file_system *tree, struct inode *root)
{
    struct inode *covered = mount_directory(path, 0755, RESOLVE_NO_FOLLOW);
    struct entry_view hidden;
    uint64_t cookie = 0;

    if (covered->operations->entry(covered, &cookie, &hidden))
        refuse("program image: %s/%s is in it, and all below %s is the kernel's; leave "
               "that out",
               path, hidden.name, path);
    if (!root)
        refuse("files: no memory for %s; give the machine more", path);
    tree->root = root;
    file_system_hang(tree, covered);
    inode_release(covered);
}

void mount_all(struct block_device *device, const uint8_t *image, uint64_t length)
{
    archive_unpack(device, image, length);
    struct inode *devices = mount_directory("/dev", 0755, 0);
    device_populate(devices);
    inode_release(devices);
    /* what shm_open opens are plain files there */
    inode_release(mount_directory("/dev/shm", 01777, 0));
    inode_release(mount_directory("/tmp", 01777, 0));
    mount_tree("/proc", &file_system_proc, proc_root_create());
    inode_release(mount_directory("/sys", 0755, RESOLVE_NO_FOLLOW));
    inode_release(mount_directory("/sys/fs", 0755, RESOLVE_NO_FOLLOW));
    mount_tree("/sys/fs/cgroup", &file_system_groups, cgroup_root_create());
}
