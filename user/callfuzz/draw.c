/* draw.c - numbers for arguments: small, huge, at an edge; addresses good and bad. */
#define _GNU_SOURCE
#include "user/callfuzz/callfuzz.h"

#include <sys/syscall.h>

/* --- Numbers ------------------------------------------------------------------------------ */

uint64_t draw(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * 0x2545f4914f6cdd1dull;
}

uint64_t below(struct random *random, uint64_t limit)
{
    return draw(random) % limit;
}

static const uint64_t edges[] = {
    0,
    1,
    UINT64_MAX,
    (uint64_t)INT64_MIN,
    INT64_MAX,
    INT32_MAX,
    (uint32_t)INT32_MIN,
    UINT32_MAX,
    0x7ffffffff000ul,
    0x7fffffffeffful,
    0x7ffffffffffful,
    0x800000000000ul,
    0xffff800000000000ul,
    0xffff800000100000ul,
    0xffffc00000004000ul,
    0xffffffff80100000ul,
    0xfffffffffffff000ul,
    4096,
    4095,
    0x10000,
    0xffff,
};

uint64_t any_address(struct random *random)
{
    uint64_t base = (uint64_t)arena;

    switch (below(random, 8)) {
    case 0:
        return base + below(random, ARENA);
    case 1:
        return base + below(random, ARENA_PAGES) * 4096;
    case 2: /* just before a page's end */
        return base + (1 + below(random, ARENA_PAGES)) * 4096 - 1 - below(random, 16);
    case 3:
        return edges[below(random, sizeof(edges) / sizeof(edges[0]))];
    default: /* good memory with something sensible in it */
        return base + below(random, 64) * 64;
    }
}

uint64_t any_value(struct random *random)
{
    switch (below(random, 10)) {
    case 0:
        return draw(random);
    case 1:
        return edges[below(random, sizeof(edges) / sizeof(edges[0]))];
    case 2:
        return 1ull << below(random, 64);
    case 3:
        return below(random, 1 << 20);
    case 4:
    case 5:
        return below(random, 24);
    default:
        return any_address(random);
    }
}

/* --- Calls whose arguments mean something --------------------------------------------- */

/* f a descriptor, p a path, a an address, l a length, s a small number, t a time, v anything.
 * Half of these calls get such arguments; the other half, and all other calls, anything. */
static const struct {
    short number;
    const char *arguments;
} sensible[] = {
    {SYS_read, "fal"},
    {SYS_write, "fal"},
    {SYS_open, "pvs"},
    {SYS_close, "f"},
    {SYS_stat, "pa"},
    {SYS_fstat, "fa"},
    {SYS_poll, "asst"},
    {SYS_lseek, "fvs"},
    {SYS_mmap, "alsvfl"},
    {SYS_mprotect, "als"},
    {SYS_munmap, "al"},
    {SYS_ioctl, "fva"},
    {SYS_pread64, "fals"},
    {SYS_pwrite64, "fals"},
    {SYS_readv, "fas"},
    {SYS_writev, "fas"},
    {SYS_access, "ps"},
    {SYS_mremap, "allsa"},
    {SYS_msync, "als"},
    {SYS_mincore, "ala"},
    {SYS_madvise, "als"},
    {SYS_dup2, "ff"},
    {SYS_sendfile, "ffal"},
    {SYS_fcntl, "fsv"},
    {SYS_flock, "fs"},
    {SYS_ftruncate, "fl"},
    {SYS_truncate, "pl"},
    {SYS_chdir, "p"},
    {SYS_rename, "pp"},
    {SYS_mkdir, "ps"},
    {SYS_rmdir, "p"},
    {SYS_link, "pp"},
    {SYS_unlink, "p"},
    {SYS_symlink, "pp"},
    {SYS_readlink, "pal"},
    {SYS_getdents64, "fal"},
    {SYS_openat, "fpvs"},
    {SYS_newfstatat, "fpas"},
    {SYS_mknod, "pvs"},
    {SYS_utimensat, "fpts"},
    {SYS_fallocate, "fsll"},
    {SYS_epoll_ctl, "fsfa"},
    {SYS_epoll_wait, "fass"},
    {SYS_eventfd2, "ss"},
    {SYS_timerfd_create, "ss"},
    {SYS_timerfd_settime, "fsta"},
    {SYS_futex, "asstas"},
    {SYS_rt_sigaction, "saas"},
    {SYS_rt_sigtimedwait, "ats"},
    {SYS_nanosleep, "ta"},
    {SYS_setitimer, "sta"},
    {SYS_timer_create, "saa"},
    {SYS_timer_settime, "ssta"},
    {SYS_select, "saaat"},
    {SYS_mlock, "al"},
    {SYS_munlock, "al"},
    {SYS_memfd_create, "ps"},
    {SYS_shmget, "sls"},
    {SYS_shmat, "sas"},
    {SYS_shmdt, "a"},
    {SYS_shmctl, "ssa"},
    {SYS_socketpair, "ssaa"},
    {SYS_sendto, "fals"},
    {SYS_recvfrom, "fals"},
    {SYS_shutdown, "fs"},
    {SYS_splice, "fafals"},
    {SYS_copy_file_range, "fafals"},
    {SYS_statx, "fpssa"},
    {SYS_waitid, "ssas"},
    {SYS_clone, "vaaaa"},
    {SYS_clone3, "al"},
    {SYS_brk, "a"},
    {SYS_prctl, "saaaa"},
    {SYS_sigaltstack, "aa"},
    {SYS_set_robust_list, "al"},
};
#define SENSIBLE (sizeof(sensible) / sizeof(sensible[0]))

static uint64_t sensible_value(struct random *random, char kind)
{
    uint64_t base = (uint64_t)arena;

    switch (kind) {
    case 'f':
        return below(random, 20);
    case 'p':
        return base + (below(random, 8) * 8 + below(random, 3)) * 64;
    case 'a':
        return any_address(random);
    case 'l':
        return below(random, 2) ? below(random, 20000) : below(random, ARENA_PAGES) * 4096;
    case 's':
        return below(random, 12);
    case 't':
        return base + (below(random, 8) * 8 + 3) * 64;
    default:
        return any_value(random);
    }
}

/* A call that makes some sense, and its number. */
long draw_sensible(struct random *random, uint64_t arguments[6])
{
    uint64_t which = below(random, SENSIBLE);

    for (int i = 0; sensible[which].arguments[i]; i++)
        if (below(random, 8)) /* the others stay anything */
            arguments[i] = sensible_value(random, sensible[which].arguments[i]);
    return sensible[which].number;
}
