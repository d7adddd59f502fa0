/* select_sets.c - fetch the sets of select, look at each descriptor in one, and give them back. */
#include "kernel/linux/select_sets.h"
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "lib/string.h"

/* What makes a descriptor count as ready in each set. POLLNVAL is O_PATH's: it is open, and nothing
 * will ever come. */
static const unsigned select_events[3] = {
    POLLIN | POLLHUP | POLLERR | POLLNVAL,
    POLLOUT | POLLERR | POLLNVAL,
    POLLNVAL,
};

static unsigned sets_parts(const struct select_sets *sets)
{
    return (sets->count + 64 * SELECT_PART_WORDS - 1) / (64 * SELECT_PART_WORDS);
}

/* Bytes of each of the user's sets that belong to a part. */
static size_t part_bytes(const struct select_sets *sets, unsigned part)
{
    unsigned words = (sets->count + 63) / 64 - part * SELECT_PART_WORDS;

    return (words < SELECT_PART_WORDS ? words : SELECT_PART_WORDS) * sizeof(uint64_t);
}

static uint64_t part_address(const uint64_t user[3], int set, unsigned part)
{
    return user[set] + part * SELECT_PART_WORDS * sizeof(uint64_t);
}

void sets_free(struct select_sets *sets)
{
    for (unsigned i = 0; i < sets_parts(sets); i++)
        if (sets->part[i])
            heap_give(sets->part[i], sizeof(*sets->part[i]));
}

long sets_fetch(struct select_sets *sets, const uint64_t user[3])
{
    for (unsigned i = 0; i < sets_parts(sets); i++) {
        struct select_part *part = sets->part[i] = heap_take(sizeof(*part));
        if (!part)
            return -ENOMEM;
        memset(part, 0, sizeof(*part));
        for (int set = 0; set < 3; set++)
            if (user[set] && copy_from_user(part->asked[set],
                                            (const void __user *)part_address(user, set, i),
                                            part_bytes(sets, i)))
                return -EFAULT;
    }
    return 0;
}

long sets_give(const struct select_sets *sets, const uint64_t user[3])
{
    for (unsigned i = 0; i < sets_parts(sets); i++)
        for (int set = 0; set < 3; set++)
            if (user[set] && copy_to_user((void __user *)part_address(user, set, i),
                                          sets->part[i]->ready[set], part_bytes(sets, i)))
                return -EFAULT;
    return 0;
}

/* The descriptor of bit `bit` of a part's word: set its bits in `ready`. How many, or -EBADF. */
static long select_one(struct select_part *part, unsigned word, unsigned bit, unsigned fd)
{
    long found = 0;
    struct file *file = descriptor_named((int)fd);

    if (!file)
        return -EBADF;
    unsigned now = file->flags & O_PATH ? POLLNVAL : file_ready(file);
    file_release(file);
    for (int set = 0; set < 3; set++) {
        if ((part->asked[set][word] >> bit & 1) && (now & select_events[set])) {
            part->ready[set][word] |= 1ull << bit;
            found++;
        }
    }
    return found;
}

long select_look(const struct select_sets *sets)
{
    long found = 0;

    for (unsigned i = 0; i * 64 < sets->count; i++) {
        struct select_part *part = sets->part[i / SELECT_PART_WORDS];
        unsigned word = i % SELECT_PART_WORDS, left = sets->count - i * 64;
        uint64_t asked = part->asked[0][word] | part->asked[1][word] | part->asked[2][word];
        if (left < 64)
            asked &= (1ull << left) - 1;
        for (; asked; asked &= asked - 1) {
            unsigned bit = __builtin_ctzll(asked);
            long one = select_one(part, word, bit, i * 64 + bit);
            if (one < 0)
                return one;
            found += one;
        }
    }
    return found;
}
