/* kernel/process/exec.h - running another program. */
#ifndef KERNEL_PROCESS_EXEC_H
#define KERNEL_PROCESS_EXEC_H

#include "kernel/process/layout.h"
#include "lib/locks.h"

struct inode;
struct process;
struct space;
struct trap_frame;

/* execve: replace the program of the current process. `path` is the kernel's; the other
 * two are user addresses of arrays of strings, 0: an empty array. On success the user
 * frame stands at the new program's first instruction and 0 is returned; on an error the
 * old program is untouched, or the process is to end before it runs user code. May
 * sleep. A relative path starts at `base`, NULL: at the current directory. */
MUST_USE int process_exec(struct inode *base, const char *path, uint64_t arguments,
                          uint64_t environment) SLEEPS;
/* The same for the first program, without arguments but its name. */
int process_exec_init(const char *path) SLEEPS;

/* --- kernel/process/arguments.c: what a program is given ------------------------------------ */

#define ARGUMENT_FRAMES 1000 /* so that a frame holds the struct */

/* Strings collected from the old program, with their NULs, until the new stack is there. */
struct arguments {
    size_t length; /* bytes collected */
    size_t left;   /* bytes that more strings, and the words that point to them, may take */
    unsigned count, environment_count;
    size_t environment_at; /* where the environment's first string begins */
    frame_t *more;         /* those that have no room in */
    frame_t frames[ARGUMENT_FRAMES];
};

/* For a stack that may have `stack` bytes: a quarter of that, but 128 KiB at least and 6 MiB at
 * most, as Linux has it. NULL: out of memory. */
struct arguments *arguments_create(uint64_t stack);
void arguments_release(struct arguments *arguments);
/* Append one string of the kernel's. -E2BIG, -ENOMEM. */
int arguments_add(struct arguments *arguments, const char *text) SLEEPS;
/* Append the strings of a user array, all but the first `skip`. Their number, or -E2BIG,
 * -ENOMEM, -EFAULT. */
long arguments_add_list(struct arguments *arguments, uint64_t list, unsigned skip) SLEEPS;
/* Copy everything to `to` in the space that is loaded. -EFAULT. May sleep. */
int arguments_copy_out(const struct arguments *arguments, uint64_t to) SLEEPS;
/* The first string, which may be empty. NULL: it is longer than a page. */
const char *arguments_first(const struct arguments *arguments);
/* Bytes of the string at `at`, NUL included. */
size_t arguments_length_at(const struct arguments *arguments, size_t at);

/* --- kernel/process/elf.c: the program's file ------------------------------------------------ */

#define PROGRAM_CLEARS 4

struct program {
    uint64_t entry;
    uint64_t headers; /* user address of the program headers; 0: not mapped */
    unsigned header_count;
    uint64_t base;             /* what was added to the file's addresses */
    uint64_t end;              /* behind the last segment */
    struct layout layout;      /* but for the stack */
    uint64_t interpreter_at;   /* in the file: the path of its interpreter… */
    size_t interpreter_length; /* …with its NUL; 0: it has none */
    bool stack_executable;
    unsigned clear_count;
    struct {
        uint64_t start, end;
    } clear[PROGRAM_CLEARS]; /* rests of last file pages, to be zeroed */
};

/* Map the segments of `inode`, whose first `length` bytes are in `head`, into the space:
 * a program into an empty one, an interpreter beside its program. Touches no page. -ENOEXEC,
 * -ENOMEM, or an error of reading. May sleep. */
int elf_map(struct space *space, struct inode *inode, const uint8_t *head, size_t length,
            bool interpreter, struct program *program) SLEEPS;

/* --- kernel/process/interpreter.c: the program that loads the program ------------------------- */

/* Map the interpreter that `program`, out of `inode`, asks for into its space as well,
 * and describe it. -ENOENT, -ENOEXEC, -EACCES, -ETXTBSY, -ELIBBAD (it is no program),
 * -ENOMEM, or an error of reading. May sleep. */
int interpreter_map(struct space *space, struct inode *inode, const struct program *program,
                    struct program *interpreter) SLEEPS;

#endif
