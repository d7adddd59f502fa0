/* kernel/file/writers.c - "text file busy".
 *
 * A program's pages are read when they are first touched, so whoever changed its file while it
 * runs would change what it does next. One number in the inode says how things stand: above
 * zero it counts writers, each an opening for writing; below zero it counts processes that run
 * the program. An opening, or a program, that would need it on the other side of zero is
 * refused.
 *
 * As on Linux, this protects the program's own file: neither the libraries that it maps nor a
 * `#!` script, once its interpreter runs. The names are not protected at all: a running program
 * may be unlinked, or renamed over, and so be replaced. */
#include "kernel/file/writers.h"
#include "kernel/file/file_system.h"
#include "lib/errno.h"
#include "mm/mm.h"

int writers_enter(struct inode *inode)
{
    if (inode->writers < 0)
        return -ETXTBSY;
    if (inode_type(inode) == S_IFREG && inode_may_change(inode))
        return -EROFS;
    inode->writers++;
    inode->file_system->writers++;
    return 0;
}

void writers_leave(struct inode *inode)
{
    inode->writers--;
    inode->file_system->writers--;
}

bool writers_by_mapping(const struct object *object)
{
    return region_maps_object(object, ACCESS_WRITE, true);
}

/* As on Linux, a mapping holds the opening that it was made by, whatever it may do itself: what
 * has been opened for writing is busy until both are gone. It is looked for only where there once
 * was one. */
bool writers_mapped(struct inode *inode)
{
    if (inode->mapped_by_writer)
        inode->mapped_by_writer =
            region_maps_object(inode->object, ACCESS_OF_WRITER, false);
    return inode->mapped_by_writer;
}

int writers_exclude(struct inode *inode)
{
    if (inode->writers > 0 || writers_mapped(inode))
        return -ETXTBSY;
    inode->writers--;
    return 0;
}

void writers_admit(struct inode *inode)
{
    inode->writers++;
}

void program_hold(struct inode *inode)
{
    inode_hold(inode);
    inode->writers--;
}

void program_release(struct inode *inode)
{
    writers_admit(inode);
    inode_release(inode);
}
