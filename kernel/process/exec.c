/* kernel/process/exec.c - replacing the program of a process.
 *
 * All that can be refused is refused while the old program is as it was, and an error can be
 * returned to it. Then there is a point of no return: the other threads are ended, and the old
 * space is given up. What fails behind it, a page that cannot be read or had, ends the process,
 * for there is nobody left to be told. The steps:
 *
 *   find      the file, and through `#!` lines the file that really runs
 *   collect   arguments and environment out of the old space
 *   map       the file's segments, a stack, and the interpreter's segments if the program
 *             has one (it will map the shared libraries), into a new space
 *   leave     the point of no return: the threads and the space of the old program go, and who
 *             looks on sees the new one
 *   fill      the new stack, and the rest of the last data page, by faults like any other; and what
 *             all spaces have is there from then on (kernel/vdso/vdso.h)
 *   begin     what else belonged to the old program is the new one's */
#include "kernel/process/exec.h"
#include "kernel/file/file.h"
#include "kernel/file/file_system.h"

#include "arch/machine.h"
#include "arch/user.h"
#include "kernel/device/random.h"
#include "kernel/file/shared_memory.h"
#include "kernel/file/writers.h"
#include "kernel/process/process.h"
#include "kernel/process/script.h"
#include "kernel/process/space_group.h"
#include "kernel/process/step.h"
#include "kernel/report/trace.h"
#include "kernel/report/watch.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "lib/text.h"
#include "mm/mm.h"

#define STACK_TOP   USER_END
#define HEAD_SIZE   512 /* of the file, read to see what it is */
#define SCRIPTS_MAX 4   /* interpreters of interpreters */

/* At most: what is read of files, a root, and a slab for each kind of object. */
#define FRAMES_NEEDED 12

/* auxv entries (ELF auxiliary vector) */
enum {
    AT_NULL = 0,
    AT_PHDR = 3,
    AT_PHENT = 4,
    AT_PHNUM = 5,
    AT_PAGESZ = 6,
    AT_BASE = 7,
    AT_FLAGS = 8,
    AT_ENTRY = 9,
    AT_UID = 11,
    AT_EUID = 12,
    AT_GID = 13,
    AT_EGID = 14,
    AT_PLATFORM = 15,
    AT_HWCAP = 16,
    AT_CLKTCK = 17,
    AT_SECURE = 23,
    AT_RANDOM = 25,
    AT_EXECFN = 31,
    AT_SYSINFO_EHDR = 33,
};
#define AUXILIARY_MAX 20

struct exec {
    const char *path;
    struct inode *inode; /* what really runs; as program_hold */
    struct arguments *arguments;
    struct space *space;                 /* the new one, until it is the process's */
    struct program program, interpreter; /* interpreter.entry 0: it needs none */
    uint64_t rsp;
    uint64_t strings;                  /* address of the first argument */
    uint64_t auxiliary, auxiliary_end; /* where the auxiliary vector lies */
    uint64_t shared_code; /* where the code that all spaces have begins; 0: none */
    unsigned scripts_used;
    struct script scripts[SCRIPTS_MAX];
    size_t head_length;
    _Alignas(8) uint8_t head[HEAD_SIZE];
};

/* --- Find --------------------------------------------------------------------------- */

static int head_read(struct exec *exec, struct inode *base, const char *path)
{
    struct inode *inode = NULL;
    int error = path_find(base, path, 0, &inode);
    if (error < 0 || !inode)
        return error;
    bool program = inode_is_program(inode);
    error = program                        ? writers_exclude(inode)
            : inode_type(inode) == S_IFLNK ? -ELOOP /* by its descriptor */
                                           : -EACCES;
    if (error < 0) {
        inode_release(inode);
        return error;
    }
    if (exec->inode)
        program_release(exec->inode);
    exec->inode = inode;
    long got = file_read_kernel(inode, exec->head, HEAD_SIZE, 0);
    if (got < 0)
        return got;
    exec->head_length = got;
    return 0;
}

static int program_find(struct exec *exec, struct inode *base)
{
    int error = head_read(exec, base, exec->path);
    while (error == 0 && script_is(exec->head, exec->head_length)) {
        if (exec->scripts_used == SCRIPTS_MAX)
            return -ELOOP;
        struct script *script = &exec->scripts[exec->scripts_used++];
        error = script_parse(script, exec->head, exec->head_length);
        if (error == 0)
            error = head_read(exec, NULL, script->interpreter);
    }
    return error;
}

/* --- Collect ------------------------------------------------------------------------ */

/* The innermost interpreter first, then its argument, …, then the script's own path in the
 * place of the program's name. */
static int script_words_add(struct exec *exec)
{
    struct arguments *arguments = exec->arguments;
    for (unsigned i = exec->scripts_used; i-- > 0;) {
        struct script *script = &exec->scripts[i];
        int error = arguments_add(arguments, script->interpreter);
        arguments->count++;
        if (error == 0 && script->argument) {
            error = arguments_add(arguments, script->argument);
            arguments->count++;
        }
        if (error < 0)
            return error;
    }
    arguments->count++;
    return arguments_add(arguments, exec->path);
}

static int arguments_collect(struct exec *exec, uint64_t list, uint64_t environment)
{
    exec->arguments = arguments_create(limit_stack(process_current()));
    struct arguments *arguments = exec->arguments;
    if (!arguments)
        return -ENOMEM;
    arguments->left -= strlen(exec->path) + 1; /* it will be there, too */
    int error = exec->scripts_used ? script_words_add(exec) : 0;
    if (error < 0)
        return error;
    long count = arguments_add_list(arguments, list, exec->scripts_used ? 1 : 0);
    if (count < 0)
        return count;
    arguments->count += count;
    if (arguments->count == 0) { /* a program may count on having a name */
        arguments->count = 1;
        error = arguments_add(arguments, list ? "" : exec->path);
        if (error < 0)
            return error;
    }
    arguments->environment_at = arguments->length;
    count = arguments_add_list(arguments, environment, 0);
    if (count < 0)
        return count;
    arguments->environment_count = count;
    return 0;
}

/* --- Map ---------------------------------------------------------------------------- */

static size_t vector_size(const struct exec *exec)
{
    return sizeof(uint64_t) * (3 + exec->arguments->count +
                               exec->arguments->environment_count + 2 * AUXILIARY_MAX);
}

/* From the top: a null word, the path, environment and argument strings, then (aligned)
 * platform name and random bytes, then the vector that rsp points at. */
static int stack_map(struct exec *exec)
{
    uint64_t limit = limit_stack(process_current());
    exec->strings = STACK_TOP - 8 - (strlen(exec->path) + 1) - exec->arguments->length;
    exec->rsp = (exec->strings - 64 - vector_size(exec)) & ~15ull;
    if (STACK_TOP - exec->rsp > limit)
        return -E2BIG;
    unsigned access =
        ACCESS_READ | ACCESS_WRITE | (exec->program.stack_executable ? ACCESS_EXECUTE : 0);
    uint64_t start = PAGE_ROUND_DOWN(exec->rsp);
    struct map_request request = {
        .address = start,
        .length = STACK_TOP - start,
        .access = access,
        .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
        .flags = MAP_FIXED | MAP_GROWSDOWN,
    };
    intptr_t mapped = space_map(exec->space, &request);
    return mapped < 0 ? mapped : 0;
}

static int space_build(struct exec *exec)
{
    if (pageout_await(FRAMES_NEEDED)) /* again: collecting may have taken long */
        exec->space = space_open(account_current); /* what it takes is its own */
    if (!exec->space)
        return -ENOMEM;
    const struct space *old = process_current()->space;
    space_group_enter(exec->space, process_current(), old);
    space_set_essential(exec->space, process_current()->essential);
    space_adjust(exec->space, process_oom_adjust(process_current()));
    limits_bind(process_current(), exec->space);
    int error = elf_map(exec->space, exec->inode, exec->head, exec->head_length, false,
                        &exec->program);
    if (error < 0)
        return error;
    space_set_heap(exec->space, PAGE_ROUND_UP(exec->program.end));
    error = stack_map(exec);
    exec->interpreter.entry = 0;
    if (error == 0 && exec->program.interpreter_length > 0)
        error =
            interpreter_map(exec->space, exec->inode, &exec->program, &exec->interpreter);
    return error;
}

/* --- Leave -------------------------------------------------------------------------- */

/* Who looks on sees the new program, with its space. Of arguments there is nothing yet; where the
 * old ones were is other memory. */
static void process_describe(struct process *process, const struct exec *exec)
{
    const char *slash = strrchr(exec->path, '/');
    text_copy(process->name, slash ? slash + 1 : exec->path, sizeof(process->name));
    process->argument_start = process->argument_end = 0;
    process->environment_start = process->environment_end = 0;
    process->auxiliary_start = process->auxiliary_end = 0;
    process->layout = exec->program.layout;
    process->layout.stack_start = exec->rsp;
    /* Root's program has them all, but under no_new_privs what it had. */
    process->wants_barriers = process->undumpable = false;
    if (!process->no_new_privileges)
        process->dropped[0] = process->dropped[1] = 0;
    struct inode *before = process->executable;
    process->executable = exec->inode;
    program_hold(process->executable);
    if (before)
        program_release(before);
}

/* What the old program shared with other processes is theirs, and its space is left. False: out
 * of memory. */
static bool program_leave(struct exec *exec)
{
    struct process *process = process_current();
    struct space *old = process->space;
    if (!thread_own_files() || !signal_handlers_reset(process))
        return false;
    step_end();
    fault_pins_release(&current->pins);
    if (old)
        process_keep_peak(process);
    process->space = exec->space;
    process->adjusted = false;
    exec->space = NULL;
    space_load(process->space);
    thread_join(process->space->account);
    process_describe(process, exec);
    if (old)
        space_group_leave(old);
    segments_collect();
    return true;
}

/* --- Fill --------------------------------------------------------------------------- */

/* Words on their way to the new stack, a handful at a time. */
struct words {
    uint64_t to;
    unsigned used;
    bool failed;
    uint64_t word[64];
};

static void words_flush(struct words *words)
{
    size_t size = words->used * sizeof(words->word[0]);
    if (copy_to_user((void __user *)words->to, words->word, size) != 0)
        words->failed = true;
    thread_breathe();
    words->to += size;
    words->used = 0;
}

static void words_put(struct words *words, uint64_t word)
{
    if (words->used == ARRAY_SIZE(words->word))
        words_flush(words);
    words->word[words->used++] = word;
}

static void words_put_pair(struct words *words, uint64_t key, uint64_t value)
{
    words_put(words, key);
    words_put(words, value);
}

/* Addresses of `count` strings, the first of which is at `*at` of those collected. */
static void words_put_strings(struct words *words, const struct exec *exec, unsigned count,
                              size_t *at)
{
    for (unsigned i = 0; i < count && !words->failed; i++) {
        words_put(words, exec->strings + *at);
        *at += arguments_length_at(exec->arguments, *at);
    }
    words_put(words, 0);
}

static void words_put_auxiliary(struct words *words, const struct exec *exec,
                                uint64_t platform)
{
    const struct program *program = &exec->program;
    if (exec->shared_code)
        words_put_pair(words, AT_SYSINFO_EHDR, exec->shared_code);
    words_put_pair(words, AT_HWCAP, cpuid_read(1).edx);
    words_put_pair(words, AT_PAGESZ, PAGE_SIZE);
    words_put_pair(words, AT_CLKTCK, 100);
    words_put_pair(words, AT_PHDR, program->headers);
    words_put_pair(words, AT_PHENT, 56);
    words_put_pair(words, AT_PHNUM, program->header_count);
    words_put_pair(words, AT_BASE, exec->interpreter.entry ? exec->interpreter.base : 0);
    words_put_pair(words, AT_FLAGS, 0);
    words_put_pair(words, AT_ENTRY, program->entry);
    words_put_pair(words, AT_UID, 0);
    words_put_pair(words, AT_EUID, 0);
    words_put_pair(words, AT_GID, 0);
    words_put_pair(words, AT_EGID, 0);
    words_put_pair(words, AT_SECURE, 0);
    words_put_pair(words, AT_RANDOM, platform + 16);
    words_put_pair(words, AT_EXECFN, exec->strings + exec->arguments->length);
    words_put_pair(words, AT_PLATFORM, platform);
    words_put_pair(words, AT_NULL, 0);
}

static bool strings_fill(const struct exec *exec, uint64_t platform)
{
    uint8_t fixed[32] = "x86_64"; /* platform name; at 16, sixteen random bytes */
    random_fill(fixed + 16, 16);
    uint64_t path = exec->strings + exec->arguments->length;
    return copy_to_user((void __user *)path, exec->path, strlen(exec->path) + 1) == 0 &&
           copy_to_user((void __user *)platform, fixed, sizeof(fixed)) == 0 &&
           arguments_copy_out(exec->arguments, exec->strings) == 0;
}

static bool vector_fill(struct exec *exec, uint64_t platform)
{
    struct words words = {.to = exec->rsp, .used = 0, .failed = false};
    size_t at = 0;
    words_put(&words, exec->arguments->count);
    words_put_strings(&words, exec, exec->arguments->count, &at);
    words_put_strings(&words, exec, exec->arguments->environment_count, &at);
    words_flush(&words);
    exec->auxiliary = words.to;
    words_put_auxiliary(&words, exec, platform);
    words_flush(&words);
    exec->auxiliary_end = words.to;
    return !words.failed;
}

static bool rests_clear(const struct program *program)
{
    for (unsigned i = 0; i < program->clear_count; i++) {
        uint64_t start = program->clear[i].start;
        if (clear_user((void __user *)start, program->clear[i].end - start) != 0)
            return false;
    }
    return true;
}

/* The new space, which is loaded. */
static bool space_fill(struct exec *exec)
{
    uint64_t platform = (exec->strings - 48) & ~15ull;
    if (!rests_clear(&exec->program) ||
        (exec->interpreter.entry && !rests_clear(&exec->interpreter)) ||
        !strings_fill(exec, platform))
        return false;
    exec->shared_code =
        shared_code_map(process_current()->space); /* the stack's tables stand */
    return vector_fill(exec, platform);
}

/* --- Begin -------------------------------------------------------------------------- */

static void registers_set(const struct exec *exec)
{
    cpu_clear_segments();
    memset(current->user_frame, 0, sizeof(*current->user_frame));
    current->user_frame->rip =
        exec->interpreter.entry ? exec->interpreter.entry : exec->program.entry;
    current->user_frame->rsp = exec->rsp;
    current->user_frame->rflags = RFLAGS_IF;
    current->user_frame->cs = SELECTOR_USER_CODE;
    current->user_frame->ss = SELECTOR_USER_DATA;
    fpu_reset();
    cpu_set_fs_base(0);
    cpu_set_gs_base(0);
}

/* Where they are: now they can be read. */
static void arguments_describe(struct process *process, const struct exec *exec)
{
    process->argument_start = exec->strings;
    process->argument_end = exec->strings + exec->arguments->environment_at;
    process->environment_start = process->argument_end;
    process->environment_end = exec->strings + exec->arguments->length;
    process->auxiliary_start = exec->auxiliary;
    process->auxiliary_end = exec->auxiliary_end;
}

/* In the trace: as its file, but that a link of /proc's to any file tells nothing. By one, busybox
 * runs its commands; then it is called what it calls itself, by its first argument. */
static const char *program_called(const struct exec *exec)
{
    static const char links[] = "/proc/";
    const char *name = arguments_first(exec->arguments);
    bool by_link = strncmp(exec->path, links, sizeof(links) - 1) == 0;
    if (!by_link || exec->scripts_used > 0 || !name)
        return process_current()->name;
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name;
    return *name ? name : process_current()->name;
}

static void program_begin(struct exec *exec)
{
    struct process *process = process_current();
    registers_set(exec);
    arguments_describe(process, exec);
    files_close_on_exec(process->files);
    process->execed = true;
    itimer_end(process, true);
    current->clear_child_tid = 0;
    current->alternate_stack = current->alternate_size = 0;
    current->alternate_flags = SS_DISABLE;
    if (trace_wanted())
        trace_exec(process, program_called(exec));
    fault_pins_release(&current->pins);
    process_release_parent(process);
    watch_exec(process);
}

/* --- All of it --------------------------------------------------------------------- */

static int exec_run(struct exec *exec, struct inode *base, uint64_t arguments,
                    uint64_t environment)
{
    int error = program_find(exec, base);
    if (error == 0)
        error = arguments_collect(exec, arguments, environment);
    if (error == 0)
        error = space_build(exec);
    if (error == 0)
        error = process_end_others(); /* or it is being ended itself */
    if (error < 0)
        return error;
    if (!program_leave(exec) || !space_fill(exec)) {
        process_end(SIGSEGV);
        return -ENOMEM;
    }
    program_begin(exec);
    return 0;
}

int process_exec(struct inode *base, const char *path, uint64_t arguments,
                 uint64_t environment)
{
    struct exec *exec = pageout_await(FRAMES_NEEDED) ? heap_take(sizeof(*exec)) : NULL;
    if (!exec)
        return -ENOMEM;
    exec->path = path;
    int error = exec_run(exec, base, arguments, environment);
    if (exec->space)
        space_group_leave(exec->space);
    if (exec->arguments)
        arguments_release(exec->arguments);
    if (exec->inode)
        program_release(exec->inode);
    heap_give(exec, sizeof(*exec));
    return error;
}

int process_exec_init(const char *path)
{
    return process_exec(NULL, path, 0, 0);
}
