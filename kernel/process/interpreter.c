/* kernel/process/interpreter.c - the program that loads the program.
 *
 * A program that uses shared libraries is not complete: its file names an interpreter
 * (PT_INTERP; "/lib64/ld-linux-x86-64.so.2"), and the kernel maps both. The interpreter runs
 * first, finds the program by the auxiliary vector (AT_PHDR, AT_ENTRY), maps the libraries
 * with plain mmap calls, and jumps to the program. To the kernel, a shared library is
 * nothing but a file that many spaces map: one frame for each page of it, whoever looks. */
#include "kernel/file/file.h"
#include "kernel/file/file_system.h"
#include "kernel/file/writers.h"
#include "kernel/process/exec.h"
#include "lib/errno.h"
#include "mm/mm.h"

#define HEAD_SIZE 512

static int path_read(struct inode *inode, const struct program *program, char *path)
{
    size_t length = program->interpreter_length;
    if (length < 2 || length > PAGE_SIZE)
        return -ENOEXEC;
    long got = file_read_kernel(inode, path, length, program->interpreter_at);
    if (got < 0)
        return got;
    if (got < (long)length)
        return -EIO;
    return path[length - 1] == 0 ? 0 : -ENOEXEC;
}

static int file_map(struct space *space, struct inode *inode, uint8_t *head,
                    struct program *interpreter)
{
    if (!inode_is_program(inode))
        return -EACCES;
    int error = writers_exclude(inode);
    if (error < 0)
        return error;
    long got = file_read_kernel(inode, head, HEAD_SIZE, 0);
    error = got < 0 ? (int)got : elf_map(space, inode, head, got, true, interpreter);
    writers_admit(inode);
    return error == -ENOEXEC ? -ELIBBAD : error;
}

int interpreter_map(struct space *space, struct inode *inode, const struct program *program,
                    struct program *interpreter)
{
    void *page = heap_take(PAGE_SIZE); /* for the path, and then for the file's head */
    if (!page)
        return -ENOMEM;
    struct inode *file = NULL;
    int error = path_read(inode, program, page);
    if (!error)
        error = path_find(NULL, page, 0, &file);
    if (!error)
        error = file_map(space, file, page, interpreter);
    if (file)
        inode_release(file);
    heap_give(page, PAGE_SIZE);
    return error;
}
