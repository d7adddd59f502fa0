/* kernel/file/path.c - from a path to what it names.
 *
 * A path is walked name by name: each must be a directory's entry and, but for the last, a
 * directory or a symbolic link to one. A link is followed by putting its text in front of
 * what remains, at most 40 times, so a circle of links ends in ELOOP. */
#include "kernel/file/file.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define LINKS_MAX 40

struct inode *file_root;

/* A walk under way. */
struct walk {
    struct inode *at; /* the directory reached, with a reference */
    const char *rest; /* what is still to be walked */
    char *text;       /* memory that `rest` lies in once a link was followed, or NULL */
    unsigned links;   /* followed so far */
    struct place *place;
};

static struct inode *path_root(void)
{
    struct process *process = current ? process_current() : NULL;

    return process && process->directories ? process->directories->root : file_root;
}

static struct inode *path_current(void)
{
    struct process *process = current ? process_current() : NULL;

    return process && process->directories ? process->directories->working : file_root;
}

static void walk_move(struct walk *walk, struct inode *to)
{
    inode_release(walk->at);
    walk->at = to;
}

/* Cut the next name off the path, into place->name. 0, or -ENAMETOOLONG. */
static int walk_name(struct walk *walk)
{
    const char *end = walk->rest;

    while (*end && *end != '/')
        end++;
    size_t length = end - walk->rest;
    if (length > NAME_LENGTH_MAX)
        return -ENAMETOOLONG;
    memcpy(walk->place->name, walk->rest, length);
    walk->place->name[length] = 0;
    walk->place->must_be_directory = *end == '/';
    while (*end == '/')
        end++;
    walk->rest = end;
    return 0;
}

static int walk_up(struct walk *walk)
{
    struct inode *parent = walk->at->parent;

    if (parent && walk->at != path_root()) {
        inode_hold(parent);
        walk_move(walk, parent);
    }
    return 0;
}

/* Go on at the text of a link, with what remained of the path behind it. */
static int walk_into_link(struct walk *walk, struct inode *link)
{
    char *text = heap_take(PATH_LENGTH_MAX);

    if (!text)
        return -ENOMEM;
    long length = link->operations->read_link(link, text, PATH_LENGTH_MAX - 1);
    size_t left = strlen(walk->rest), slash = walk->place->must_be_directory;
    int error = 0;
    if (length < 0)
        error = length;
    else if (length == 0)
        error = -ENOENT;
    else if (length + slash + left >= PATH_LENGTH_MAX)
        error = -ENAMETOOLONG;
    if (error) {
        heap_give(text, PATH_LENGTH_MAX);
        return error;
    }
    walk->place->name[0] = 0;
    if (slash)
        text[length++] = '/';
    memcpy(text + length, walk->rest, left + 1);
    if (walk->text)
        heap_give(walk->text, PATH_LENGTH_MAX);
    walk->text = text;
    walk->rest = text;
    if (*text == '/') {
        struct inode *root = path_root();
        inode_hold(root);
        walk_move(walk, root);
    }
    return 0;
}

/* Follow a link; its reference is used up. *inode: what it leads to at once, or NULL: its
 * text has been put in front of the path. */
static int walk_follow(struct walk *walk, struct inode **inode)
{
    struct inode *link = *inode;
    int error;

    *inode = NULL;
    if (++walk->links > LINKS_MAX)
        error = -ELOOP;
    else if (link->operations->follow)
        error = link->operations->follow(link, inode);
    else if (link->operations->read_link)
        error = walk_into_link(walk, link);
    else
        error = -EINVAL;
    inode_release(link);
    return error;
}

/* Look the name up that was just cut off. 1: the walk has ended (in `place`), 0: go on. */
static int walk_step(struct walk *walk, unsigned flags)
{
    struct place *place = walk->place;
    bool last = !*walk->rest;
    struct inode *inode = NULL;

    if (!walk->at->operations->lookup)
        return -ENOTDIR;
    if (place->name[0] == '.' && !place->name[1])
        return 0;
    if (place->name[0] == '.' && place->name[1] == '.' && !place->name[2])
        return walk_up(walk);
    if (last && place->must_be_directory && (flags & RESOLVE_CREATE))
        return -EISDIR;
    int error = walk->at->operations->lookup(walk->at, place->name, &inode);
    if (error)
        return error == -ENOENT && last ? 1 : error;
    if (last && (flags & RESOLVE_NAME)) {
        place->inode = inode;
        return 1;
    }
    if (inode_type(inode) == S_IFLNK &&
        (!last || place->must_be_directory || !(flags & RESOLVE_NO_FOLLOW))) {
        error = walk_follow(walk, &inode);
        if (error || !inode)
            return error;
    }
    if (!inode_is_directory(inode) && place->must_be_directory) {
        inode_release(inode);
        return -ENOTDIR;
    }
    if (last) {
        place->inode = inode;
        return 1;
    }
    walk_move(walk, inode);
    return 0;
}

int path_walk(struct inode *base, const char *path, unsigned flags, struct place *place)
{
    struct walk walk = {.rest = path, .place = place};
    int result = *path ? 0 : -ENOENT;

    walk.at = *path == '/' ? path_root() : base ? base : path_current();
    inode_hold(walk.at);
    place->inode = NULL;
    place->name[0] = 0;
    place->named = true;
    while (!result) {
        while (*walk.rest == '/')
            walk.rest++;
        if (!*walk.rest) { /* the path ended in "/", "." or "..": here we are */
            place->named = false;
            place->must_be_directory = true;
            place->inode = walk.at;
            inode_hold(walk.at);
            result = inode_is_directory(walk.at) ? 1 : -ENOTDIR;
            break;
        }
        result = walk_name(&walk);
        if (!result)
            result = walk_step(&walk, flags);
    }
    if (walk.text)
        heap_give(walk.text, PATH_LENGTH_MAX);
    place->directory = walk.at;
    if (result > 0)
        return 0;
    path_leave(place);
    return result;
}

void path_leave(struct place *place)
{
    inode_release(place->directory);
    inode_release(place->inode);
}

struct inode *path_take(struct place *place)
{
    struct inode *inode = place->inode;

    place->inode = NULL;
    path_leave(place);
    return inode;
}

int path_find(struct inode *base, const char *path, unsigned flags, struct inode **found)
{
    struct place place;
    int error = path_walk(base, path, flags, &place);

    if (error)
        return error;
    if (!place.inode) {
        path_leave(&place);
        return -ENOENT;
    }
    *found = path_take(&place);
    return 0;
}

/* Built from the end: each name is put in front of what stands already. */
long path_of(struct inode *inode, char *buffer, size_t size)
{
    char *begin = buffer + size;
    struct inode *root = path_root();

    if (!size)
        return -ERANGE;
    *--begin = 0;
    if (inode == root && begin > buffer)
        *--begin = '/';
    for (; inode != root && inode->name; inode = inode->parent) {
        size_t length = strlen(inode->name);
        if ((size_t)(begin - buffer) < length + 1)
            return -ERANGE;
        begin -= length;
        memcpy(begin, inode->name, length);
        *--begin = '/';
        if (!inode->parent)
            break;
    }
    size_t length = buffer + size - 1 - begin;
    memmove(buffer, begin, length + 1);
    return length;
}
