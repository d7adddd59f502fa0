/* kernel/device/archive.c - the program image: from an archive to a tree of files.
 *
 * The image is a cpio archive ("newc": per member a header of hexadecimal digits, the name,
 * the data). Only headers and names are read here. A file's contents stay where they are:
 * its object remembers the place on the disk, and pages come from there when touched.
 *
 * The archive comes from outside, so nothing in it is believed: whatever would lead out of
 * it, or over what the kernel puts there itself, ends the boot with words that name it. */
#include "kernel/device/archive.h"
#include "kernel/device/block.h"
#include "kernel/device/device.h"
#include "kernel/file/file_system.h"
#include "kernel/file/memory_fs.h"
#include "kernel/report/log.h"
#include "lib/errno.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/mm.h"

#define HEADER_LENGTH 110u
#define TRAILER       "TRAILER!!!"
#define NS_PER_SECOND 1000000000ul

/* The header's fields, eight hexadecimal digits each, behind the six of the magic. */
enum field {
    FIELD_INODE,
    FIELD_MODE,
    FIELD_OWNER,
    FIELD_GROUP,
    FIELD_LINKS,
    FIELD_TIME,
    FIELD_SIZE,
    FIELD_DEVICE_MAJOR,
    FIELD_DEVICE_MINOR,
    FIELD_NODE_MAJOR,
    FIELD_NODE_MINOR,
    FIELD_NAME_SIZE,
    FIELDS, /* and a checksum, which this format leaves 0 */
};

struct image {
    struct block_device *device;
    const uint8_t *bytes;
    uint64_t length, at; /* at: where the member in hand begins */
    struct image_link *links;
};

struct member {
    uint32_t field[FIELDS];
    const char *name;
    size_t name_length;
    uint64_t data; /* bytes from the image's beginning */
};

/* Files with several names: the member's inode number, and the inode made for the first. */
struct image_link {
    uint32_t number;
    struct inode *inode; /* a reference */
    struct image_link *next;
};

static _Noreturn void image_damaged(const struct image *image, const char *what)
{
    refuse(
        "program image: %s at byte %lu of %lu; make it anew, or look at how it was loaded",
        what, image->at, image->length);
}

static _Noreturn void image_too_large(const struct image *image)
{
    refuse("program image: no memory for the names in it, at byte %lu of %lu; give the "
           "machine more",
           image->at, image->length);
}

#define EACH(byte) ((byte)*0x0101010101010101ul) /* the byte, eight times */

/* Eight hexadecimal digits, all at once: there are twelve such numbers in every header, and
 * a thousand headers to be read before the first program starts. */
static uint32_t image_number(const struct image *image, const uint8_t *digits)
{
    uint64_t text;

    memcpy(&text, digits, sizeof(text));
    /* each byte's value: the low four bits, and 9 more for a letter, which has bit 6 set */
    uint64_t value = (text & EACH(0x0f)) + (text >> 6 & EACH(1)) * 9;
    uint64_t letters = (value + EACH(6)) >> 4 & EACH(1); /* 1 where the value is above 9 */
    uint64_t back = value + EACH('0') + letters * ('a' - '9' - 1);
    if ((value & EACH(0xf0)) || back != (text | letters << 5))
        image_damaged(image, "not a hexadecimal digit in the header of the member");
    value = __builtin_bswap64(value); /* the first digit counts most */
    value = (value | value >> 4) & 0x00ff00ff00ff00fful;
    value = (value | value >> 8) & 0x0000ffff0000fffful;
    return value | value >> 16;
}

/* Read the member at image->at; false at the end. Moves on to the next. */
static bool image_member(struct image *image, struct member *member)
{
    const uint8_t *header = image->bytes + image->at;
    uint64_t left = image->length - image->at;

    if (left < HEADER_LENGTH)
        image_damaged(image, "cut off: no room for the header of a member");
    if (memcmp(header, "070701", 6) != 0)
        image_damaged(image, "no cpio header (070701)");
    for (int i = 0; i < FIELDS; i++)
        member->field[i] = image_number(image, header + 6 + 8 * i);
    uint64_t name_size = member->field[FIELD_NAME_SIZE], size = member->field[FIELD_SIZE];
    uint64_t data = (HEADER_LENGTH + name_size + 3) & ~3ull;
    if (name_size == 0 || data > left || size > left - data)
        image_damaged(image, "cut off: name or data beyond the end, in the member");
    member->name = (const char *)header + HEADER_LENGTH;
    member->name_length = strnlen(member->name, name_size);
    if (member->name_length == name_size)
        image_damaged(image, "a name without an end in the member");
    member->data = image->at + data;
    if (!strcmp(member->name, TRAILER))
        return false;
    return true;
}

static void image_advance(struct image *image, const struct member *member)
{
    image->at = (member->data + member->field[FIELD_SIZE] + 3) & ~3ull;
    if (image->at > image->length)
        image->at = image->length;
}

/* Go from a directory, whose reference is used up, to the one of that name in it, which is made
 * where the archive left it out. Returns it, with a reference. */
static struct inode *image_make_parent(struct image *image, struct inode *above,
                                       const char *name)
{
    struct place place;

    if (path_walk(above, name, 0, &place))
        image_damaged(image, "a name below something that is no directory in the member");
    if (!place.inode && memory_directory_operations.create(place.directory, place.name,
                                                           S_IFDIR | 0755, 0, &place.inode))
        image_damaged(image, "a directory that cannot be made, in the member");
    inode_release(above);
    return path_take(&place);
}

/* Make the directories that `path` lies in. */
static void image_make_parents(struct image *image, const char *path)
{
    struct inode *directory = file_root;

    inode_hold(directory);
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1) {
        char name[NAME_LENGTH_MAX + 1];
        size_t length = slash - path;

        if (length > NAME_LENGTH_MAX)
            image_damaged(image, "a name that is too long in the member");
        memcpy(name, path, length);
        name[length] = 0;
        if (length)
            directory = image_make_parent(image, directory, name);
    }
    inode_release(directory);
}

/* Find where the member's name belongs. An older member of that name gives way, unless both
 * are directories. */
static void image_place(struct image *image, const struct member *member,
                        struct place *place)
{
    if (member->name_length >= PATH_LENGTH_MAX)
        image_damaged(image, "a name that is too long in the member");
    int error = path_walk(file_root, member->name, RESOLVE_NO_FOLLOW, place);
    if (error == -ENOENT) {
        image_make_parents(image, member->name);
        error = path_walk(file_root, member->name, RESOLVE_NO_FOLLOW, place);
    }
    if (error)
        image_damaged(image, "a name that cannot be, in the member");
    if (!place->inode || inode_is_directory(place->inode))
        return;
    memory_directory_operations.unlink(place->directory, place->name, false);
    inode_release(place->inode);
    place->inode = NULL;
}

static struct image_link *image_link_find(struct image *image, const struct member *member)
{
    struct image_link *link = image->links;

    while (link && link->number != member->field[FIELD_INODE])
        link = link->next;
    return link;
}

static bool image_link_add(struct image *image, const struct member *member,
                           struct inode *inode)
{
    struct image_link *link = heap_take(sizeof(*link));

    if (!link)
        return false;
    *link = (struct image_link){member->field[FIELD_INODE], inode, image->links};
    inode_hold(inode);
    image->links = link;
    return true;
}

static struct object *image_object(struct image *image, const struct member *member)
{
    return object_create(image->device, member->data, member->field[FIELD_SIZE]);
}

/* Any name but the first of a file that has several; the data comes with one of them. */
static bool image_add_link(struct image *image, const struct member *member,
                           const struct place *place, struct inode *inode)
{
    if (member->field[FIELD_SIZE]) {
        struct object *object = image_object(image, member);
        if (!object)
            return false;
        object_release(inode->object);
        inode->object = object;
        object_belongs(object, inode);
    }
    return !memory_directory_operations.link(place->directory, place->name, inode);
}

static bool image_add_file(struct image *image, const struct member *member,
                           struct place *place)
{
    struct image_link *link =
        member->field[FIELD_LINKS] > 1 ? image_link_find(image, member) : NULL;

    if (link)
        return image_add_link(image, member, place, link->inode);
    place->inode =
        memory_file_create(member->field[FIELD_MODE], image_object(image, member));
    if (!place->inode || memory_attach(place->directory, place->name, place->inode))
        return false;
    return member->field[FIELD_LINKS] < 2 || image_link_add(image, member, place->inode);
}

static bool image_add_symlink(struct image *image, const struct member *member,
                              const struct place *place)
{
    uint32_t length = member->field[FIELD_SIZE];
    const char *target = (const char *)image->bytes + member->data;

    if (!length || length >= PATH_LENGTH_MAX || memchr(target, 0, length))
        image_damaged(image, "a symbolic link to nowhere in the member");
    char *text = heap_take(length + 1);
    if (!text)
        return false;
    memcpy(text, target, length);
    bool added = !memory_directory_operations.symlink(place->directory, place->name, text);
    heap_give(text, length + 1);
    return added;
}

static bool image_add_node(const struct member *member, struct place *place)
{
    uint32_t mode = member->field[FIELD_MODE] & (S_IFMT | MODE_RIGHTS);
    uint64_t device =
        DEVICE(member->field[FIELD_NODE_MAJOR], member->field[FIELD_NODE_MINOR]);

    if (place->inode) { /* a directory that is there already */
        place->inode->mode = mode;
        return true;
    }
    return !memory_directory_operations.create(place->directory, place->name, mode, device,
                                               &place->inode);
}

static void image_add(struct image *image, const struct member *member)
{
    uint32_t type = member->field[FIELD_MODE] & S_IFMT;
    struct place place;
    bool added = false;

    image_place(image, member, &place);
    if (place.inode && type != S_IFDIR)
        image_damaged(image, "a file in the place of a directory, the member");
    if (type == S_IFREG)
        added = image_add_file(image, member, &place);
    else if (type == S_IFLNK)
        added = image_add_symlink(image, member, &place);
    else if (type == S_IFDIR || type == S_IFCHR || type == S_IFIFO)
        added = image_add_node(member, &place);
    else
        image_damaged(image, "a kind of file that is not known, the member");
    if (!added)
        image_too_large(image);
    if (place.inode) {
        place.inode->owner = member->field[FIELD_OWNER];
        place.inode->group = member->field[FIELD_GROUP];
        place.inode->modified = member->field[FIELD_TIME] * NS_PER_SECOND;
    }
    path_leave(&place);
}

static void image_links_forget(struct image *image)
{
    while (image->links) {
        struct image_link *link = image->links;

        image->links = link->next;
        inode_release(link->inode);
        heap_give(link, sizeof(*link));
    }
}

void archive_unpack(struct block_device *device, const uint8_t *bytes, uint64_t length)
{
    struct image image = {.device = device, .bytes = bytes, .length = length};
    struct member member;

    file_system_memory.root = file_root = memory_root_create(&file_system_memory);
    if (!file_root)
        image_too_large(&image);
    while (image_member(&image, &member)) {
        image_add(&image, &member);
        image_advance(&image, &member);
    }
    image_links_forget(&image);
}
