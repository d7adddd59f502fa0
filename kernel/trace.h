/* kernel/trace.h - where trace records go: a ring of the latest, read as text.
 *
 * A record that comes when the ring is full replaces the oldest, which counts as lost. */
#ifndef KERNEL_TRACE_H
#define KERNEL_TRACE_H

#include "arch/types.h"

struct file;

/* Switch trace points on or off; the ring's memory is taken at the first time.
 * 0 or -ENOMEM. */
int trace_switch(bool on);
/* As inode_operations.read and .write, for /proc/trace. Reading takes records out, as whole
 * lines; 0 when there is none. Writing "1\n" or "0\n" switches. */
long trace_read(struct file *file, void __user *buffer, size_t length, uint64_t *position);
long trace_write(struct file *file, const void __user *buffer, size_t length,
                 uint64_t *position);

#endif
