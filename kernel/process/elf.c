/* kernel/process/elf.c - a program file and where its parts belong.
 *
 * An ELF file (System V ABI, chapter 5) says which ranges of it go to which addresses, with
 * which rights. Here they are only promised: a region for each, backed by the file's object;
 * the pages come when they are touched. What a segment has beyond its part of the file
 * (bss) is backed by zeroes; only the end of the last file page has to be cleared, by a
 * write that makes it a private copy. All of it, beyond bss too: loaders give it out.
 *
 * ET_EXEC goes where the file says, ET_DYN (PIE) to a fixed base. A program that uses
 * shared libraries names another program, its interpreter, that will map them: that one
 * is mapped as well (kernel/process/interpreter.c), below everything else, and is where
 * it all begins. */
#include "kernel/file/file.h"
#include "kernel/process/elf_format.h"
#include "kernel/process/exec.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define BASE_SHARED    0x555555554000ul /* two thirds up, as Linux without randomisation */
#define LOWEST_ADDRESS 0x10000ul /* below it, nothing: null pointers with an offset */

static bool header_ok(const struct elf_header *elf)
{
    return memcmp(elf->magic, "\177ELF", 4) == 0 && elf->class == 2 && elf->data == 1 &&
           elf->machine == EM_X86_64 && (elf->type == ET_EXEC || elf->type == ET_DYN) &&
           elf->header_size == sizeof(struct elf_segment) && elf->header_count > 0 &&
           elf->header_count <= PAGE_SIZE / sizeof(struct elf_segment);
}

/* The program headers: out of `head` where they lie in it, else read into *taken. */
static const struct elf_segment *segments_read(struct inode *inode, const uint8_t *head,
                                               size_t length, void **taken, int *error)
{
    const struct elf_header *elf = (const struct elf_header *)head;
    size_t size = elf->header_count * sizeof(struct elf_segment);
    if (elf->headers <= length && size <= length - elf->headers && elf->headers % 8 == 0)
        return (const struct elf_segment *)(head + elf->headers);
    *taken = heap_take(PAGE_SIZE);
    *error = -ENOMEM;
    if (!*taken)
        return NULL;
    long got = file_read_kernel(inode, *taken, size, elf->headers);
    *error = got < 0 ? got : -ENOEXEC;
    return got == (long)size ? *taken : NULL;
}

/* Everything in the segment lies in user addresses, and file and memory agree modulo pages. */
static bool segment_ok(const struct elf_segment *segment, uint64_t base)
{
    uint64_t start = segment->address + base;
    return segment->file_size <= segment->memory_size && start >= base &&
           start >= LOWEST_ADDRESS && start < USER_END &&
           segment->memory_size <= USER_END - start && segment->offset < 1ull << 43 &&
           segment->file_size < 1ull << 43 &&
           segment->offset % PAGE_SIZE == segment->address % PAGE_SIZE;
}

static unsigned segment_access(const struct elf_segment *segment)
{
    return ACCESS_READ | (segment->flags & PF_W ? ACCESS_WRITE : 0) |
           (segment->flags & PF_X ? ACCESS_EXECUTE : 0);
}

static int region_map(struct space *space, uint64_t start, uint64_t end, unsigned access,
                      struct object *object, uint32_t index)
{
    if (end <= start)
        return 0;
    struct map_request request = {
        .address = start,
        .length = end - start,
        .access = access,
        .access_max = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE,
        .flags = MAP_FIXED,
        .object = object,
        .index = index,
    };
    intptr_t mapped = space_map(space, &request);
    return mapped < 0 ? mapped : 0;
}

/* The code is all segments that can be executed, the data the last segment of all. */
static void layout_extend(struct layout *layout, uint64_t start, uint64_t end, bool code)
{
    if (code && (!layout->code_start || start < layout->code_start))
        layout->code_start = start;
    if (code && end > layout->code_end)
        layout->code_end = end;
    if (start > layout->data_start)
        layout->data_start = start;
    if (end > layout->data_end)
        layout->data_end = end;
}

static int segment_map(struct space *space, struct inode *inode,
                       const struct elf_segment *segment, uint64_t base,
                       struct program *program)
{
    if (!segment_ok(segment, base))
        return -ENOEXEC;
    uint64_t start = segment->address + base;
    uint64_t file_end = start + segment->file_size, end = start + segment->memory_size;
    uint64_t file_pages_end = segment->file_size ? PAGE_ROUND_UP(file_end) : start;
    unsigned access = segment_access(segment);
    int error = segment->file_size
                    ? region_map(space, PAGE_ROUND_DOWN(start), file_pages_end, access,
                                 inode->object, segment->offset >> PAGE_SHIFT)
                    : 0;
    if (error == 0)
        error =
            region_map(space, segment->file_size ? file_pages_end : PAGE_ROUND_DOWN(start),
                       PAGE_ROUND_UP(end), access, NULL, 0);
    if (end > file_end && file_pages_end > file_end && (access & ACCESS_WRITE)) {
        if (program->clear_count == PROGRAM_CLEARS)
            return -ENOEXEC;
        program->clear[program->clear_count].start = file_end;
        program->clear[program->clear_count++].end = file_pages_end;
    }
    if (end > program->end)
        program->end = end;
    layout_extend(&program->layout, start, file_end, access & ACCESS_EXECUTE);
    return error;
}

/* The program headers are found in memory where a segment carries that part of the file. */
static void headers_locate(const struct elf_header *elf, const struct elf_segment *segment,
                           struct program *program)
{
    if (elf->headers >= segment->offset &&
        elf->headers - segment->offset < segment->file_size)
        program->headers =
            elf->headers - segment->offset + segment->address + program->base;
}

static int segments_map(struct space *space, struct inode *inode,
                        const struct elf_header *elf, const struct elf_segment *segments,
                        struct program *program)
{
    bool loaded = false;
    for (unsigned i = 0; i < elf->header_count; i++) {
        const struct elf_segment *segment = &segments[i];
        if (segment->type == PT_INTERP && !program->interpreter_length) {
            program->interpreter_at = segment->offset;
            program->interpreter_length = segment->file_size;
        }
        if (segment->type == PT_GNU_STACK)
            program->stack_executable = segment->flags & PF_X;
        if (segment->type != PT_LOAD || segment->memory_size == 0)
            continue;
        int error = segment_map(space, inode, segment, program->base, program);
        if (error < 0)
            return error;
        headers_locate(elf, segment, program);
        loaded = true;
    }
    return loaded ? 0 : -ENOEXEC;
}

/* The largest alignment that a segment of the program asks for. */
static uint64_t segments_alignment(const struct elf_header *elf,
                                   const struct elf_segment *segments)
{
    uint64_t alignment = PAGE_SIZE;
    for (unsigned i = 0; i < elf->header_count; i++) {
        uint64_t align = segments[i].align;
        if (segments[i].type == PT_LOAD && align > alignment && align <= BASE_SHARED &&
            (align & (align - 1)) == 0)
            alignment = align;
    }
    return alignment;
}

/* Bytes from the first page of the segments to the end of the last. */
static uint64_t segments_span(const struct elf_header *elf,
                              const struct elf_segment *segments)
{
    uint64_t start = UINT64_MAX, end = 0;
    for (unsigned i = 0; i < elf->header_count; i++) {
        const struct elf_segment *segment = &segments[i];
        if (segment->type != PT_LOAD || segment->memory_size == 0)
            continue;
        if (segment->address < start)
            start = PAGE_ROUND_DOWN(segment->address);
        if (segment->memory_size < USER_END && segment->address < USER_END &&
            segment->address + segment->memory_size > end)
            end = segment->address + segment->memory_size;
    }
    return end > start ? PAGE_ROUND_UP(end - start) : PAGE_SIZE;
}

/* What is added to the addresses in the file. */
static uint64_t segments_base(struct space *space, const struct elf_header *elf,
                              const struct elf_segment *segments, bool interpreter)
{
    if (elf->type != ET_DYN)
        return 0;
    if (interpreter)
        return view_gap(space, segments_span(elf, segments), REGION_BOTTOM, REGION_TOP);
    return BASE_SHARED & ~(segments_alignment(elf, segments) - 1);
}

int elf_map(struct space *space, struct inode *inode, const uint8_t *head, size_t length,
            bool interpreter, struct program *program)
{
    const struct elf_header *elf = (const struct elf_header *)head;
    void *taken = NULL;
    int error = -ENOEXEC;
    if (length < sizeof(*elf) || !header_ok(elf) || !inode->object)
        return -ENOEXEC;
    const struct elf_segment *segments = segments_read(inode, head, length, &taken, &error);
    if (segments) {
        *program = (struct program){
            .base = segments_base(space, elf, segments, interpreter),
            .header_count = elf->header_count,
        };
        program->entry = elf->entry + program->base;
        error = segments_map(space, inode, elf, segments, program);
    }
    if (taken)
        heap_give(taken, PAGE_SIZE);
    return error;
}
