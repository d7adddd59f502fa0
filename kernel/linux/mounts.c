/* kernel/linux/mounts.c - mount and umount2: further trees in memory (tmpfs).
 *
 * There is one kind of tree that can be there more than once, so a mount is a new, empty one, or
 * (MS_REMOUNT) other flags for one that is there. Of its options size and mode are kept. */
#include "arch/user.h"
#include "kernel/linux/descriptors.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

#define MS_NOSYMFOLLOW 256u
#define MS_REMOUNT     32u
#define MS_BIND        4096u
#define MS_MOVE        8192u
#define MS_UNBINDABLE  (1u << 17)
#define MS_PRIVATE     (1u << 18)
#define MS_SLAVE       (1u << 19)
#define MS_SHARED      (1u << 20)
#define MS_NOUSER      (1u << 31)
/* One tree is in one place, and links in it are followed. */
#define REFUSED_FLAGS                                                             \
    (MS_NOSYMFOLLOW | MS_BIND | MS_MOVE | MS_UNBINDABLE | MS_PRIVATE | MS_SLAVE | \
     MS_SHARED | MS_NOUSER)
#define MS_MGC_VAL 0xc0ed0000u /* of old: there are flags in the lower half */
#define MAGIC_MASK 0xffff0000u

#define MNT_FORCE       1u
#define MNT_DETACH      2u
#define UMOUNT_NOFOLLOW 8u
#define TYPE_LENGTH_MAX 31
#define RIGHTS_OF_TMPFS 01777u

/* What mount was given, in words. */
struct mount_words {
    char type[TYPE_LENGTH_MAX + 1];
    char source[NAME_LENGTH_MAX + 1];
    char options[NAME_LENGTH_MAX + 1];
};

/* NULL, or a string of less than `size` bytes; -EFAULT, or `long_`: it has more. */
static int word_read(char *to, uint64_t from, size_t size, int long_)
{
    long length =
        from ? copy_string_from_user(to, (const char __user *)from, size) : (to[0] = 0);

    return length == -ENAMETOOLONG ? long_ : length < 0 ? (int)length : 0;
}

static int words_read(struct mount_words *words, uint64_t type, uint64_t source,
                      uint64_t options)
{
    int error = word_read(words->type, type, sizeof(words->type), -ENODEV);

    if (!error)
        error = word_read(words->source, source, sizeof(words->source), -EINVAL);
    if (!error)
        error = word_read(words->options, options, sizeof(words->options), -EINVAL);
    return error;
}

/* A number that ends the option; if it is of bytes or pages, "k", "m" or "g" may follow. */
static bool number_read(const char *text, unsigned base, bool sized, uint64_t *number)
{
    uint64_t value = 0;
    const char *at = text;

    for (; *at >= '0' && *at < (char)('0' + base); at++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
    char unit = sized ? *at | 0x20 : 0;
    unsigned shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
    *number = value << shift;
    return at != text && !at[shift ? 1 : 0] && value <= UINT64_MAX >> shift;
}

/* "size=64k,mode=755": pages, none for as many as there are, and rights of the root. */
static int options_read(char *text, uint64_t *pages, uint32_t *rights)
{
    for (char *next; text; text = next) {
        uint64_t number;
        bool size = strncmp(text, "size=", 5) == 0, mode = strncmp(text, "mode=", 5) == 0;

        next = strchr(text, ',');
        if (next)
            *next++ = 0;
        if (!*text)
            continue;
        if ((!size && !mode) || !number_read(text + 5, mode ? 8 : 10, size, &number))
            return -EINVAL;
        if (mode)
            *rights = number & MODE_RIGHTS;
        else
            *pages = number ? PAGE_ROUND_UP(number) / PAGE_SIZE : UINT64_MAX;
    }
    return 0;
}

/* Is there a tree of such a kind, and no other can be? */
static bool type_is_lasting(const char *type)
{
    const struct file_system *tree = file_systems;

    while (tree && strcmp(tree->type, type) != 0)
        tree = tree->next;
    return tree && strcmp(type, file_system_memory.type) != 0;
}

static int mount_new(struct inode *at, uint32_t flags, struct mount_words *words)
{
    if (!words->type[0])
        return -EINVAL;
    if (strcmp(words->type, file_system_memory.type) != 0)
        return type_is_lasting(words->type) ? -EBUSY : -ENODEV;
    uint64_t pages = UINT64_MAX;
    uint32_t rights = RIGHTS_OF_TMPFS;
    int error = options_read(words->options, &pages, &rights);
    if (!error)
        error = file_system_check_place(at);
    if (error)
        return error;
    struct file_system *tree = file_system_create();
    if (!tree)
        return -ENOMEM;
    text_copy(tree->source, words->source[0] ? words->source : "none",
              sizeof(tree->source));
    tree->flags = flags & TREE_FLAGS;
    store_bound(&tree->store, pages);
    tree->root->mode = S_IFDIR | rights;
    file_system_hang(tree, at);
    return 0;
}

/* Its root's rights stay, as on Linux. */
static int mount_again(const struct inode *at, uint32_t flags, struct mount_words *words)
{
    struct file_system *tree = at->file_system;

    if (at != tree->root || !inode_is_in_memory(at))
        return -EINVAL;
    uint64_t pages = tree->store.most;
    uint32_t rights;
    int error = options_read(words->options, &pages, &rights);
    if (!error && pages < tree->store.pages)
        error = -EINVAL;
    if (!error)
        error = file_system_change(tree, flags);
    if (!error)
        store_bound(&tree->store, pages);
    return error;
}

SYSCALL(mount, uint64_t source, uint64_t path, uint64_t type, uint64_t flags, uint64_t data)
{
    struct mount_words words;
    struct inode *at;
    int error = words_read(&words, type, source, data);

    if (!error)
        error = path_find_user(AT_FDCWD, path, 0, &at);
    if (error)
        return error;
    if ((flags & MAGIC_MASK) == MS_MGC_VAL)
        flags &= ~(uint64_t)MAGIC_MASK;
    if (flags & REFUSED_FLAGS)
        error = -EINVAL;
    else
        error = flags & MS_REMOUNT ? mount_again(at, flags, &words)
                                   : mount_new(at, flags, &words);
    inode_release(at);
    return error;
}

/* Nothing is taken down later, when nobody uses it any more, nor if nobody has used it since it was
 * asked before: MNT_DETACH is a wish, and MNT_EXPIRE is refused. */
SYSCALL(umount2, uint64_t path, uint32_t flags)
{
    struct inode *at;

    if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
        return -EINVAL;
    int error = path_find_user(AT_FDCWD, path,
                               flags & UMOUNT_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &at);
    if (error)
        return error;
    if (at == at->file_system->root)
        return file_system_take_down(at);
    inode_release(at);
    return -EINVAL;
}
