/* kernel/process/core.c - a core: the memory and registers of a process that ends by its own fault,
 * as an ELF file that debuggers open (`gdb program core`).
 *
 * It is "core" in the working directory, of RLIMIT_CORE bytes at most. Notes tell of the threads,
 * the one that failed first; a segment for each region, of its contents. What the program's file
 * has, or nobody has written, is left out: the one is looked up there, the other is a hole. */
#include "kernel/process/core.h"

#include "kernel/file/file.h"
#include "kernel/process/elf_format.h"
#include "kernel/process/process.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define NT_PRSTATUS  1
#define NT_FPREGSET  2
#define NT_PRPSINFO  3
#define NT_AUXV      6
#define STATUS_WORDS 42 /* Linux's struct elf_prstatus, and elf_prpsinfo */
#define ABOUT_WORDS  17
#define AUXILIARY    512u /* bytes of the auxiliary vector at most */
#define NOTES_MOST   (1u << 20)

struct core {
    struct file *file;
    uint64_t at, left; /* in the file; of RLIMIT_CORE */
    bool failed;
    char *page;
};

static void put(struct core *core, const void *bytes, size_t length)
{
    core->failed |= length > core->left || signal_fatal(current);
    if (core->failed)
        return;
    core->failed = file_write_kernel(core->file, bytes, length, &core->at) != (long)length;
    core->left -= length;
}

/* --- Notes ------------------------------------------------------------------------------------ */

static void put_note(struct core *core, uint32_t type, const void *bytes, uint32_t length)
{
    const uint32_t head[5] = {5, length, type, 'C' | 'O' << 8 | 'R' << 16 | 'E' << 24, 0};
    put(core, head, sizeof(head));
    put(core, bytes, length);
}

static uint64_t pair(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}

static void put_thread(struct core *core, const struct thread *thread, int signal)
{
    const struct process *process = process_current();
    const struct trap_frame *frame = thread->user_frame;
    bool called = frame->vector == VECTOR_SYSCALL;
    uint64_t status[STATUS_WORDS] = {
        pair((uint32_t)signal, 0),
        pair(0, (uint32_t)signal),
        thread->signals_pending,
        thread->signals_blocked,
        pair(thread->id, process->parent ? process->parent->id : 0),
        pair(process->group, process->session)};
    memcpy(&status[14], frame, 15 * sizeof(uint64_t)); /* in ptrace's order */
    status[29] = called ? frame->error : UINT64_MAX;
    memcpy(&status[30], &frame->rip, 5 * sizeof(uint64_t));
    status[35] = thread->context.fs_base;
    status[36] = thread->context.gs_base;
    status[41] = 1; /* the next note has the FPU's */
    put_note(core, NT_PRSTATUS, status, sizeof(status));
    put_note(core, NT_FPREGSET, thread->context.fpu, sizeof(thread->context.fpu));
}

static void put_process(struct core *core)
{
    const struct process *process = process_current();
    uint64_t about[ABOUT_WORDS] = {
        'R' << 8, 0, 0, pair(process->id, process->parent ? process->parent->id : 0),
        pair(process->group, process->session)};
    uint64_t length = process->auxiliary_end - process->auxiliary_start;
    char vector[AUXILIARY];
    memcpy(&about[5], process->name, sizeof(process->name));
    memcpy(&about[7], process->name, sizeof(process->name)); /* its command line, as far */
    put_note(core, NT_PRPSINFO, about, sizeof(about));
    if (length <= sizeof(vector) &&
        !copy_from_user(vector, (const void __user *)process->auxiliary_start, length))
        put_note(core, NT_AUXV, vector, length);
}

static void put_notes(struct core *core, int signal)
{
    context_save_user(&current->context);
    put_thread(core, current, signal);
    current->signals_blocked = ~SIGNALS_UNBLOCKABLE; /* SIGKILL alone makes an end of it */
    put_process(core);
    for (int last = 0; !core->failed && core->at < NOTES_MOST;) { /* a write sleeps */
        const struct thread *next = process_current()->threads;
        while (next && (next->id <= last || next == current || next->leaving))
            next = next->sibling;
        if (!next)
            return;
        last = next->id;
        put_thread(core, next, signal);
    }
}

/* --- Memory ----------------------------------------------------------------------------------- */

/* The first page at or above `at` that only the process has, or that has no name: its address, or
 * the region's end. */
static uintptr_t page_next(struct space *space, const struct region_view *region,
                           uintptr_t at)
{
    struct page_view view = {.address = at};
    if (region->not_dumped || (region->shared && region->owner))
        return region->end;
    if (region->of_kernel) /* a debugger finds its names there */
        return at;
    if (region->shared) {
        uint64_t from = region->index + (at - region->start) / PAGE_SIZE;
        uint64_t next = object_find_contents(region->object, from, true) - region->index;
        return next < (region->end - region->start) / PAGE_SIZE
                   ? region->start + next * PAGE_SIZE
                   : region->end;
    }
    while (view_next(space, at, &view) && view.address < region->end) {
        if (page_is(view.page) && !view.of_object)
            return view.address;
        at = view.address + PAGE_SIZE;
        thread_breathe();
    }
    return region->end;
}

static void put_region(struct core *core, struct space *space,
                       const struct region_view *region, uint64_t offset)
{
    uintptr_t at = page_next(space, region, region->start);
    while (at < region->end && !core->failed) {
        core->at = offset + (at - region->start);
        if (space_copy(space, at, core->page, PAGE_SIZE, ACCESS_READ | ACCESS_FORCED) == 0)
            put(core, core->page, PAGE_SIZE);
        at = page_next(space, region, at + PAGE_SIZE);
    }
}

/* The headers, or what they tell of, which begins at `offset`. Regions do not change meanwhile,
 * unless another process has the same space. Where it ends. */
static uint64_t put_regions(struct core *core, uint64_t offset, bool headers, unsigned most)
{
    struct space *space = process_current()->space;
    struct region_view region = {.end = 0};
    for (unsigned i = 0; i < most && view_region_above(space, region.end, &region); i++) {
        struct object *held = region.object;
        if (held)
            object_hold(held);
        uint64_t size = region.end - region.start;
        bool some = page_next(space, &region, region.start) < region.end;
        const struct elf_segment segment = {
            .type = PT_LOAD,
            .flags = (region.access & ACCESS_READ ? PF_R : 0) |
                     (region.access & ACCESS_WRITE ? PF_W : 0) |
                     (region.access & ACCESS_EXECUTE ? PF_X : 0),
            .offset = offset,
            .address = region.start,
            .file_size = some ? size : 0,
            .memory_size = size,
            .align = PAGE_SIZE,
        };
        if (headers)
            put(core, &segment, sizeof(segment));
        else if (some)
            put_region(core, space, &region, offset);
        offset += segment.file_size;
        if (held)
            object_release(held);
    }
    return offset;
}

/* --- The file --------------------------------------------------------------------------------- */

static void put_all(struct core *core, int signal)
{
    struct inode *inode = core->file->inode;
    struct region_view region = {.end = 0};
    unsigned count = 0;
    while (count < UINT16_MAX - 1 &&
           view_region_above(process_current()->space, region.end, &region))
        count++;
    const struct elf_header header = {.magic = "\177ELF",
                                      .class = 2,
                                      .data = 1,
                                      .version = 1,
                                      .type = ET_CORE,
                                      .machine = EM_X86_64,
                                      .version2 = 1,
                                      .headers = sizeof(header),
                                      .size = sizeof(header),
                                      .header_size = sizeof(struct elf_segment),
                                      .header_count = count + 1};
    struct elf_segment notes = {.type = PT_NOTE, .align = 4};
    notes.offset = sizeof(header) + (count + 1ul) * sizeof(struct elf_segment);
    core->at = notes.offset;
    put_notes(core, signal);
    notes.file_size = core->at - notes.offset;
    uint64_t memory = PAGE_ROUND_UP(core->at);
    core->at = 0;
    put(core, &header, sizeof(header));
    put(core, &notes, sizeof(notes));
    put_regions(core, memory, true, count);
    uint64_t end = put_regions(core, memory, false, count);
    if (!core->failed)
        LEAVE_OUT(
            inode->operations->resize(inode, end, RESIZE_GROW)); /* it does not fail */
}

/* A new file, in the place of what had the name. */
static bool core_open(struct core *core)
{
    struct place place;
    if (path_walk(NULL, "core", RESOLVE_NAME, &place) != 0)
        return false;
    const struct inode_operations *operations = place.directory->operations;
    if (place.inode && operations->unlink)
        LEAVE_OUT(operations->unlink(place.directory, place.name, false)); /* open tells */
    path_leave(&place);
    return file_open(NULL, "core", O_RDWR | O_CREAT | O_EXCL, 0600, &core->file) == 0;
}

void core_write(int signal)
{
    struct process *process = process_current();
    struct core core = {.left = process->limits[RLIMIT_CORE].soft};
    if (process->ending || process->survivor || process->undumpable ||
        core.left < PAGE_SIZE)
        return;
    process_dump_begin(signal);
    core.page = heap_take(PAGE_SIZE);
    if (core.page && core_open(&core)) {
        process->exit_status |= WAIT_DUMPED;
        put_all(&core, signal);
        file_release(core.file);
    }
    if (core.page)
        heap_give(core.page, PAGE_SIZE);
    process_dump_end();
}
