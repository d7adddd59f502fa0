/* kernel/process/layout.h - where exec has put the parts of a program, as /proc/PID/stat tells. */
#ifndef KERNEL_PROCESS_LAYOUT_H
#define KERNEL_PROCESS_LAYOUT_H

#include "arch/types.h"

struct layout {
    uint64_t code_start, code_end, data_start, data_end, stack_start;
};

#endif
