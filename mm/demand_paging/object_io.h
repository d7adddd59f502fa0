/* mm/demand_paging/object_io.h -
 * the kernel itself reads and writes an object's pages; its size changes. */
#ifndef MM_OBJECT_IO_H
#define MM_OBJECT_IO_H

#include "mm/demand_paging/object.h"

/* Make the page at `index` resident and pin its frame, for the kernel to read or write
 * through frame_data(*frame). May sleep (device, memory). The caller unpins with
 * object_unpin. 0, -EIO (device), -EINTR (the caller is being killed). Takes the
 * mm lock. *major, if given, is set when a device was read. */
MUST_USE int object_pin(struct object *object, uint32_t index, frame_t *frame,
                        bool *major) SLEEPS;
/* The same for reading alone: where the object has no page, the frame of zeroes. */
MUST_USE int object_pin_to_read(struct object *object, uint32_t index,
                                frame_t *frame) SLEEPS;
/* The same for writing a file: when nothing can be evicted for it, -ENOMEM, and nobody is
 * ended. */
MUST_USE int object_pin_gently(struct object *object, uint32_t index,
                               frame_t *frame) SLEEPS;
/* `written`: the kernel changed the contents; the frame is marked dirty. */
void object_unpin(frame_t frame, bool written) EXCLUDES(mm);
/* Pages of files that a device holds as well, and nobody maps, lose their frames. */
void objects_drop_clean(void) SLEEPS REQUIRES(mm);
/* Change the size. Shrinking frees the pages beyond, takes them out of every space, and
 * clears the rest of the last page. May sleep. 0, -EIO, -ENOMEM, -EINTR. */
MUST_USE int object_resize(struct object *object, uint64_t size) SLEEPS EXCLUDES(mm);

#endif
