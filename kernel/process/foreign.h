/* kernel/process/foreign.h - the memory of other processes, for debuggers: a copy
 * between a space and the caller. */
#ifndef KERNEL_PROCESS_FOREIGN_H
#define KERNEL_PROCESS_FOREIGN_H

#include "mm/mm.h"

/* From `address` of the space to `buffer`, or with ACCESS_WRITE back; ACCESS_FORCED as for
 * faults. Bytes, fewer than `length` if not all are there; or none: -EIO where the space has
 * nothing, -EFAULT where the caller has not, -EINTR, -ENOMEM. Sleeps; the space stays meanwhile. */
long foreign_copy(struct space *space, uint64_t address, char __user *buffer, size_t length,
                  unsigned access) SLEEPS;

#endif
