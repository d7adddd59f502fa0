/* kernel/cgroupfs/references.c - memory.references: what a group's programs referred to, in order.
 *
 * In exact mode each reference is a line: the page's address, r, w or x, and behind # the
 * number of the space, for the programs of a group have one string together. tools/policysim
 * reads it as it is. All lines are equally long, so that a place in the file is a reference.
 * Reading takes nothing out; where lines have been lost, one says how many: `# lost N`. */
#include "arch/user.h"
#include "kernel/cgroupfs/cgroup.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

#define LINE_LENGTH   32u
#define BYTES_AT_ONCE 512u /* between two looks at the clock */

static char letter_of(const struct reference *reference)
{
    if (reference->access == ACCESS_WRITE)
        return 'w';
    return reference->access == ACCESS_EXECUTE ? 'x' : 'r';
}

/* The line of reference `*number`, or about those lost from there on. False: none yet. */
static bool line_make(const struct group *group, uint64_t *number, char line[LINE_LENGTH])
{
    struct reference reference;
    size_t length;

    mm_lock();
    uint64_t first = reference_string_first(group);
    bool kept = reference_string_get(group, *number, &reference);
    mm_unlock();

    if (*number < first) {
        length = format(line, LINE_LENGTH, "# lost %lu", first - *number);
        *number = first - 1;
    } else if (kept) {
        length = format(line, LINE_LENGTH, "%#014lx %c # %u", reference.address,
                        letter_of(&reference), reference.space);
    } else {
        return false;
    }
    memset(line + length, ' ', LINE_LENGTH - length);
    line[LINE_LENGTH - 1] = '\n';
    return true;
}

/* The copy may sleep, and the group end meanwhile: look it up each time. */
static long references_read(struct file *file, void __user *buffer, size_t length,
                            uint64_t *position)
{
    uintptr_t to = (uintptr_t)buffer;
    size_t done = 0;
    char line[LINE_LENGTH];

    while (done < length) {
        const struct cgroup *cgroup = cgroup_of(file->inode);
        uint64_t number = *position / LINE_LENGTH;
        size_t offset = *position % LINE_LENGTH, part = LINE_LENGTH - offset;
        if (!cgroup || !line_make(cgroup_group(cgroup), &number, line))
            break;
        if (part > length - done)
            part = length - done;
        if (copy_to_user((void __user *)(to + done), line + offset, part))
            return done ? (long)done : -EFAULT;
        done += part;
        if (done % BYTES_AT_ONCE < part)
            thread_breathe();
        *position = number * LINE_LENGTH + offset + part;
    }
    return done;
}

const struct inode_operations references_operations = {
    .read = references_read,
    .write = cgroup_file_write,
    .fetches = true,
};
