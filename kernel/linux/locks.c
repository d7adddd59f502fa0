/* locks.c - flock: advisory locks on whole files. */
#include "kernel/linux/files.h"

SYSCALL(flock)
{
    return files_get(process_current()->files, a) ? -ENOLCK : -EBADF;
}
