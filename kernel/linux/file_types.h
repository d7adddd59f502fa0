/* kernel/linux/file_types.h - what Linux's file calls lay down in user memory, and the numbers
 * they go by (x86-64). */
#ifndef KERNEL_LINUX_FILE_TYPES_H
#define KERNEL_LINUX_FILE_TYPES_H

#include "arch/types.h"

struct linux_timespec {
    int64_t seconds, nanoseconds;
};

struct linux_timeval {
    int64_t seconds, microseconds;
};

struct linux_stat {
    uint64_t device, inode, links;
    uint32_t mode, owner, group, padding;
    uint64_t node;                    /* of a device file: its number */
    int64_t size, block_size, blocks; /* blocks of 512 bytes */
    struct linux_timespec accessed, modified, changed;
    int64_t unused[3];
};

struct linux_statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t padding;
};

struct linux_statx {
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, owner, group;
    uint16_t mode, padding;
    uint64_t inode, size, blocks, attributes_mask;
    struct linux_statx_time accessed, created, changed, modified;
    uint32_t node_major, node_minor, device_major, device_minor;
    uint64_t mount, spare[13];
};

struct linux_statfs {
    int64_t type, block_size;
    uint64_t blocks, free, available, files, files_free;
    int32_t id[2];
    int64_t name_length, fragment_size, flags, spare[4];
};

/* The head of an entry; the name with its NUL follows. */
struct linux_dirent {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
} __attribute__((packed));

struct linux_iovec {
    uint64_t base, length;
};

struct linux_pollfd {
    int32_t fd;
    int16_t events, ready;
};

/* --- Terminals -------------------------------------------------------------------------- */

#define TERMINAL_CHARACTERS 19

struct linux_termios {
    uint32_t input, output, control, local;
    uint8_t line;
    uint8_t character[TERMINAL_CHARACTERS];
};

struct linux_winsize {
    uint16_t rows, columns, x, y;
};

/* indices of termios.character */
enum {
    VINTR,
    VQUIT,
    VERASE,
    VKILL,
    VEOF,
    VTIME,
    VMIN,
    VSWTC,
    VSTART,
    VSTOP,
    VSUSP,
    VEOL,
    VREPRINT,
    VDISCARD,
    VWERASE,
    VLNEXT,
    VEOL2,
};

#define INLCR 0000100u
#define IGNCR 0000200u
#define ICRNL 0000400u

#define OPOST 0000001u
#define ONLCR 0000004u

#define B38400 0000017u
#define CS8    0000060u
#define CREAD  0000200u
#define HUPCL  0002000u

#define ISIG    0000001u
#define ICANON  0000002u
#define ECHO    0000010u
#define ECHOE   0000020u
#define ECHOK   0000040u
#define ECHONL  0000100u
#define NOFLSH  0000200u
#define TOSTOP  0000400u
#define ECHOCTL 0001000u
#define ECHOKE  0004000u
#define IEXTEN  0100000u

#define TCGETS     0x5401u
#define TCSETS     0x5402u
#define TCSETSW    0x5403u
#define TCSETSF    0x5404u
#define TCSBRK     0x5409u
#define TCXONC     0x540au
#define TCFLSH     0x540bu
#define TIOCSCTTY  0x540eu
#define TIOCGPGRP  0x540fu
#define TIOCSPGRP  0x5410u
#define TIOCOUTQ   0x5411u
#define TIOCGWINSZ 0x5413u
#define TIOCSWINSZ 0x5414u
#define FIONREAD   0x541bu
#define FIONBIO    0x5421u
#define FIOASYNC   0x5452u
#define TIOCNOTTY  0x5422u
#define TIOCGSID   0x5429u
#define FIONCLEX   0x5450u
#define FIOCLEX    0x5451u

#endif
