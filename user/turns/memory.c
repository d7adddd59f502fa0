/* memory.c - long calls about much memory, in one region. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

static char *other; /* where the block went, or a second one */

static void call_populate(void)
{
    block = mmap(NULL, much * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    must(block != MAP_FAILED, "mmap");
}

static void call_fixed(void)
{
    block = mmap(block, much * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    must(block != MAP_FAILED, "mmap");
}

static void call_protect(void)
{
    must(mprotect(block, much * PAGE, PROT_READ) == 0, "mprotect");
    must(mprotect(block, much * PAGE, PROT_NONE) == 0, "mprotect");
    must(mprotect(block, much * PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
}

static void call_mincore(void)
{
    size_t length = 1ul << 30;
    char *hole = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *vector = mmap(NULL, length / PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    must(hole != MAP_FAILED && vector != MAP_FAILED, "mmap");
    must(mincore(hole, length, (void *)vector) == 0, "mincore");
    must(mincore(block, much * PAGE, (void *)vector) == 0, "mincore");
    munmap(hole, length);
    munmap(vector, length / PAGE);
}

static void call_msync(void)
{
    must(msync(block, much * PAGE, MS_SYNC) == 0, "msync");
}

static void advise(int advice)
{
    must(madvise(block, much * PAGE, advice) == 0, "madvise");
}

static void call_forget(void)
{
    advise(MADV_DONTNEED);
}

static void call_free(void)
{
    advise(MADV_FREE);
}

static void call_need(void)
{
    advise(MADV_WILLNEED);
}

static void call_fill(void)
{
    advise(MADV_POPULATE_WRITE);
    advise(MADV_POPULATE_READ);
}

static void call_lock(void)
{
    must(mlock(block, much * PAGE) == 0, "mlock");
}

static void call_unlock(void)
{
    must(munlock(block, much * PAGE) == 0, "munlock");
}

static void prepare_locked(void)
{
    block_make();
    call_lock();
}

static void call_move(void)
{
    other = mremap(block, much * PAGE, (much + 512) * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                   block + (much + 512) * PAGE);
    must(other != MAP_FAILED, "mremap");
}

static void clean_moved(void)
{
    munmap(other, (much + 512) * PAGE);
}

static void call_cut(void)
{
    must(mremap(block, much * PAGE, PAGE, 0) == block, "mremap");
}

static void call_heap(void)
{
    long start = syscall(SYS_brk, 0), end = start + (long)(much * PAGE);

    must(syscall(SYS_brk, end) == end, "brk");
    for (char *at = (char *)start; at < (char *)end; at += PAGE)
        *at = 1;
    must(syscall(SYS_brk, start) == start, "brk");
}

/* It has pages of its own when it ends, or makes room for another program. */
static void fork_full(int execute)
{
    pid_t child = fork();

    must(child >= 0, "fork");
    if (child == 0) {
        block_make();
        if (execute)
            execl("/bin/true", "true", (char *)NULL);
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static void call_exit(void)
{
    fork_full(0);
}

static void call_exec(void)
{
    fork_full(1);
}

static void prepare_two(void)
{
    block_make();
    other = block;
    block_make();
}

static void clean_two(void)
{
    munmap(other, much * PAGE);
    block_end();
}

static void call_copy(void)
{
    struct iovec from = {other, much * PAGE}, to = {block, much * PAGE};

    must(process_vm_readv(getpid(), &to, 1, &from, 1, 0) > 0, "process_vm_readv");
    must(process_vm_writev(getpid(), &from, 1, &to, 1, 0) > 0, "process_vm_writev");
}

static int segment;

static void prepare_segment(void)
{
    segment = shmget(IPC_PRIVATE, much * PAGE, 0600);
    must(segment >= 0, "shmget");
    block = shmat(segment, NULL, 0);
    must(block != (void *)-1, "shmat");
    block_touch();
}

static void call_detach(void)
{
    must(shmdt(block) == 0, "shmdt");
    must(shmctl(segment, IPC_RMID, NULL) == 0, "shmctl");
}

static void prepare_shared(void)
{
    block =
        mmap(NULL, much * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(block != MAP_FAILED, "mmap");
    block_touch();
}

static void call_remove(void)
{
    advise(MADV_REMOVE);
}

static void call_random(void)
{
    long getrandom(void *, size_t, unsigned);

    for (size_t done = 0; done < much * PAGE;)
        done += getrandom(block + done, much * PAGE - done, 0);
}

const struct turn turns_of_memory[] = {
    {"mmap-populate", NULL, call_populate, block_end},
    {"mmap-fixed", block_make, call_fixed, block_end},
    {"mprotect", block_make, call_protect, block_end},
    {"mincore", block_make, call_mincore, block_end},
    {"msync", block_make, call_msync, block_end},
    {"madvise-dontneed", block_make, call_forget, block_end},
    {"madvise-free", block_make, call_free, block_end},
    {"madvise-willneed", block_promise, call_need, block_end},
    {"madvise-populate", block_promise, call_fill, block_end},
    {"madvise-remove", prepare_shared, call_remove, block_end},
    {"mlock", block_promise, call_lock, block_end},
    {"munlock", prepare_locked, call_unlock, block_end},
    {"mremap-move", block_make, call_move, clean_moved},
    {"mremap-cut", block_make, call_cut, block_end},
    {"munmap", block_make, block_end, NULL},
    {"munmap-shared", prepare_shared, block_end, NULL},
    {"brk", NULL, call_heap, NULL},
    {"fork", block_make, child_pass, block_end},
    {"exit", NULL, call_exit, NULL},
    {"exec", NULL, call_exec, NULL},
    {"process_vm", prepare_two, call_copy, clean_two},
    {"shmdt", prepare_segment, call_detach, NULL},
    {"getrandom", block_make, call_random, block_end},
    {NULL, NULL, NULL, NULL},
};
