/* kernel/linux/system_names.h - what the machine is called: by uname, and in /proc/sys/kernel. */
#ifndef KERNEL_LINUX_SYSTEM_NAMES_H
#define KERNEL_LINUX_SYSTEM_NAMES_H

#define SYSTEM_NAME_MAX 64

extern struct system_names {
    char host[SYSTEM_NAME_MAX + 1], domain[SYSTEM_NAME_MAX + 1];
} system_names;

#endif
