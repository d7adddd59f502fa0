/* kernel/device/device.c - the small devices: nothing, zeroes, noise, and the way out to the host.
 *
 * A device file is a number with a name; the number says which operations are behind it.
 * /dev/hostout carries bytes to the host as they are (the output of init's job), and
 * /dev/hoststatus tells it in lines of text how the job ended. */
#include "kernel/device/device.h"
#include "arch/cpu.h"
#include "arch/user.h"
#include "kernel/device/random.h"
#include "kernel/file/memory_fs.h"
#include "kernel/process/process.h"
#include "kernel/report/log.h"
#include "kernel/terminal/tty.h"
#include "lib/errno.h"
#include "lib/panic.h"

#define CHUNK  512u
#define ZEROES 65536u /* at once */

static long null_read(struct file *file __attribute__((unused)),
                      void __user *buffer __attribute__((unused)),
                      size_t length __attribute__((unused)),
                      uint64_t *position __attribute__((unused)))
{
    return 0;
}

static long null_write(struct file *file __attribute__((unused)),
                       const void __user *buffer __attribute__((unused)), size_t length,
                       uint64_t *position __attribute__((unused)))
{
    return length;
}

static long zero_read(struct file *file __attribute__((unused)), void __user *buffer,
                      size_t length, uint64_t *position __attribute__((unused)))
{
    size_t done = 0;

    while (done < length && !signal_fatal(current)) {
        size_t part = length - done < ZEROES ? length - done : ZEROES;
        size_t missed = clear_user((char __user *)buffer + done, part);

        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
        thread_breathe();
    }
    return done;
}

static long full_write(struct file *file __attribute__((unused)),
                       const void __user *buffer __attribute__((unused)),
                       size_t length __attribute__((unused)),
                       uint64_t *position __attribute__((unused)))
{
    return -ENOSPC;
}

static long random_read(struct file *file __attribute__((unused)), void __user *buffer,
                        size_t length, uint64_t *position __attribute__((unused)))
{
    size_t done = 0;

    while (done < length) {
        char chunk[CHUNK];
        size_t part = length - done < CHUNK ? length - done : CHUNK;

        random_fill(chunk, part);
        size_t missed = copy_to_user((char __user *)buffer + done, chunk, part);
        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
        thread_breathe();
    }
    return done;
}

/* What one call writes stays together. */
static int hostout_write_begin(struct file *file, size_t length __attribute__((unused)))
    TRY_ACQUIRES(0, file->inode->contents)
{
    return inode_lock(file->inode);
}

static void hostout_write_end(struct file *file) RELEASES(file->inode->contents)
{
    inode_unlock(file->inode);
}

static long hostout_write_part(struct file *file __attribute__((unused)),
                               const void __user *buffer, size_t length,
                               uint64_t *position __attribute__((unused)))
{
    size_t done = 0;

    while (done < length) {
        char chunk[CHUNK];
        size_t part = length - done < CHUNK ? length - done : CHUNK;
        size_t missed = file_fetch(chunk, (const char __user *)buffer + done, part);

        host_output(chunk, part - missed);
        done += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
    }
    return done;
}

static long hoststatus_write(struct file *file __attribute__((unused)),
                             const void __user *buffer, size_t length,
                             uint64_t *position __attribute__((unused)))
{
    char line[128];

    if (length >= sizeof(line))
        return -EINVAL;
    if (copy_from_user(line, buffer, length))
        return -EFAULT;
    line[length] = 0;
    host_status(line);
    return length;
}

/* How many bits are in store (RNDGETENTCNT): as many as there ever are. */
static long random_control(struct file *file __attribute__((unused)), unsigned command,
                           uintptr_t argument)
{
    const int bits = 256;

    if (command != 0x80045200)
        return -ENOTTY;
    return copy_to_user((void __user *)argument, &bits, sizeof(bits)) ? -EFAULT : 0;
}

static int missing_open(struct file *file __attribute__((unused)))
{
    return -ENXIO;
}

static const struct inode_operations null_operations = {
    .read = null_read,
    .write = null_write,
    .fetches = true,
};
static const struct inode_operations zero_operations = {
    .read = zero_read,
    .write = null_write,
    .fetches = true,
};
static const struct inode_operations full_operations = {
    .read = zero_read,
    .write = full_write,
};
static const struct inode_operations random_operations = {
    .read = random_read,
    .write = null_write,
    .fetches = true,
    .control = random_control,
};
static const struct inode_operations hostout_operations = {
    .write = file_write_whole,
    .fetches = true,
    .write_begin = hostout_write_begin,
    .write_part = hostout_write_part,
    .write_end = hostout_write_end,
};
static const struct inode_operations hoststatus_operations = {.write = hoststatus_write};
static const struct inode_operations missing_operations = {.open = missing_open};

static const struct device {
    uint64_t number;
    const char *name;
    uint32_t rights;
    const struct inode_operations *operations;
} devices[] = {
    {DEVICE_NULL, "null", 0666, &null_operations},
    {DEVICE_ZERO, "zero", 0666, &zero_operations},
    {DEVICE_FULL, "full", 0666, &full_operations},
    {DEVICE_RANDOM, "random", 0666, &random_operations},
    {DEVICE_URANDOM, "urandom", 0666, &random_operations},
    {DEVICE_CONSOLE, "console", 0600, &tty_operations},
    {DEVICE_TTY, "tty", 0666, &tty_operations},
    {DEVICE_SERIAL, "ttyS0", 0600, &tty_operations},
    {DEVICE_HOSTOUT, "hostout", 0200, &hostout_operations},
    {DEVICE_HOSTSTATUS, "hoststatus", 0200, &hoststatus_operations},
};

const struct inode_operations *device_operations(uint64_t number)
{
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
        if (devices[i].number == number)
            return devices[i].operations;
    return &missing_operations;
}

bool device_is_zero(const struct inode *inode)
{
    return inode->operations == &zero_operations;
}

static void device_link(struct inode *directory, const char *name, const char *target)
{
    int error = memory_directory_operations.symlink(directory, name, target);

    if (error && error != -EEXIST)
        refuse("files: /dev/%s cannot be made (errno %d)", name, -error);
}

void device_populate(struct inode *directory)
{
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
        const struct device *device = &devices[i];
        struct inode *inode;
        int error = memory_directory_operations.create(
            directory, device->name, S_IFCHR | device->rights, device->number, &inode);

        if (error == -EEXIST)
            error = memory_directory_operations.lookup(directory, device->name, &inode);
        if (error)
            refuse("files: /dev/%s cannot be made (errno %d)", device->name, -error);
        if (inode_type(inode) != S_IFCHR || inode->device != device->number)
            refuse("program image: /dev/%s is another file in it; leave that out",
                   device->name);
        inode_release(inode);
    }
    device_link(directory, "fd", "/proc/self/fd");
    device_link(directory, "stdin", "/proc/self/fd/0");
    device_link(directory, "stdout", "/proc/self/fd/1");
    device_link(directory, "stderr", "/proc/self/fd/2");
}
