/* kernel/process/arguments.c - argument strings on their way from one program to the next.
 *
 * The old program's memory has to go before the new one can have its stack filled, so the
 * strings wait in frames of the kernel's in between. */
#include "arch/mmu.h"
#include "arch/user.h"
#include "kernel/process/exec.h"
#include "kernel/process/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/mm.h"

#define STRING_MAX      (128ul << 10) /* bytes of a single string, as Linux */
#define ARGUMENTS_LEAST (128ul << 10)
#define ARGUMENTS_MOST  (6ul << 20)
#define STRINGS_AT_ONCE 64u /* between two looks at the clock */

#define FRAMES_MORE (PAGE_SIZE / sizeof(frame_t))
_Static_assert(ARGUMENTS_MOST / PAGE_SIZE <= ARGUMENT_FRAMES + FRAMES_MORE, "room for all");

struct arguments *arguments_create(uint64_t stack)
{
    struct arguments *arguments = heap_take(sizeof(struct arguments));
    uint64_t most = stack / 4 < ARGUMENTS_MOST ? stack / 4 : ARGUMENTS_MOST;
    if (arguments)
        arguments->left = most > ARGUMENTS_LEAST ? most : ARGUMENTS_LEAST;
    return arguments;
}

/* The frame of the byte at `at`. */
static frame_t frame_of(const struct arguments *arguments, size_t at)
{
    size_t index = at / PAGE_SIZE;
    return index < ARGUMENT_FRAMES ? arguments->frames[index]
                                   : arguments->more[index - ARGUMENT_FRAMES];
}

void arguments_release(struct arguments *arguments)
{
    for (size_t at = 0; at < arguments->length; at += PAGE_SIZE)
        heap_give_frame(frame_of(arguments, at));
    if (arguments->more)
        heap_give(arguments->more, PAGE_SIZE);
    heap_give(arguments, sizeof(*arguments));
}

/* So many bytes more are taken: 0 or -E2BIG. */
static int arguments_take(struct arguments *arguments, size_t bytes)
{
    if (bytes > arguments->left)
        return -E2BIG;
    arguments->left -= bytes;
    return 0;
}

/* A frame for what comes next. False: no memory. */
static bool frame_add(struct arguments *arguments)
{
    size_t index = arguments->length / PAGE_SIZE;
    bool more = index >= ARGUMENT_FRAMES;
    frame_t frame = pageout_await(3) ? heap_take_frame(FRAME_FOR_USER) : FRAME_NONE;
    if (frame_is(frame) && more && !arguments->more)
        arguments->more = heap_take(PAGE_SIZE);
    if (frame_is(frame) && more && !arguments->more) {
        heap_give_frame(frame);
        return false;
    }
    if (frame_is(frame))
        *(more ? &arguments->more[index - ARGUMENT_FRAMES] : &arguments->frames[index]) =
            frame;
    return frame_is(frame);
}

/* Where the next byte goes, and how many fit there. */
static int room(struct arguments *arguments, char **to, size_t *space)
{
    size_t offset = arguments->length % PAGE_SIZE;
    if (arguments->left == 0)
        return -E2BIG;
    if (offset == 0 && !frame_add(arguments))
        return -ENOMEM;
    *to = (char *)frame_data(frame_of(arguments, arguments->length)) + offset;
    *space = PAGE_SIZE - offset;
    return 0;
}

/* A frame taken for nothing must not be forgotten: it counts only by `length`. */
static void room_unused(struct arguments *arguments)
{
    if (arguments->length % PAGE_SIZE == 0)
        heap_give_frame(frame_of(arguments, arguments->length));
}

int arguments_add(struct arguments *arguments, const char *text)
{
    size_t left = strlen(text) + 1;
    if (arguments_take(arguments, sizeof(uint64_t)) != 0)
        return -E2BIG;
    while (left > 0) {
        char *to;
        size_t part;
        int error = room(arguments, &to, &part);
        if (error < 0)
            return error;
        if (part > left)
            part = left;
        memcpy(to, text, part);
        text += part;
        left -= part;
        arguments->length += part;
        if (arguments_take(arguments, part) != 0)
            return -E2BIG;
    }
    return 0;
}

static int add_user(struct arguments *arguments, uint64_t text)
{
    size_t begin = arguments->length;
    if (arguments_take(arguments, sizeof(uint64_t)) != 0)
        return -E2BIG;
    for (;;) {
        char *to;
        size_t part;
        int error = room(arguments, &to, &part);
        if (error < 0)
            return error;
        long got = copy_string_from_user(to, (const char __user *)text, part);
        if (got >= 0) {
            arguments->length += got + 1;
            return arguments->length - begin > STRING_MAX
                       ? -E2BIG
                       : arguments_take(arguments, got + 1);
        }
        if (got != -ENAMETOOLONG) {
            room_unused(arguments);
            return got;
        }
        text += part;
        arguments->length += part;
        if (arguments->length - begin >= STRING_MAX || arguments_take(arguments, part) != 0)
            return -E2BIG;
    }
}

long arguments_add_list(struct arguments *arguments, uint64_t list, unsigned skip)
{
    if (list == 0)
        return 0;
    for (unsigned i = 0;; i++) {
        uint64_t text;
        const void __user *from = (const void __user *)(list + i * sizeof(text));
        if (copy_from_user(&text, from, sizeof(text)) != 0)
            return -EFAULT;
        if (text == 0)
            return i < skip ? 0 : i - skip;
        int error = i < skip ? 0 : add_user(arguments, text);
        if (error < 0)
            return error;
        if (i % STRINGS_AT_ONCE == 0)
            thread_breathe();
    }
}

int arguments_copy_out(const struct arguments *arguments, uint64_t to)
{
    for (size_t at = 0; at < arguments->length; at += PAGE_SIZE) {
        const void *from = frame_data(frame_of(arguments, at));
        size_t part = arguments->length - at;
        if (part > PAGE_SIZE)
            part = PAGE_SIZE;
        if (copy_to_user((void __user *)(to + at), from, part) != 0)
            return -EFAULT;
        thread_breathe();
    }
    return 0;
}

const char *arguments_first(const struct arguments *arguments)
{
    const char *text = (const char *)frame_data(frame_of(arguments, 0));
    return strnlen(text, PAGE_SIZE) < PAGE_SIZE ? text : NULL;
}

size_t arguments_length_at(const struct arguments *arguments, size_t at)
{
    size_t begin = at;
    for (;;) {
        const char *from = (const char *)frame_data(frame_of(arguments, at));
        size_t offset = at % PAGE_SIZE, part = strnlen(from + offset, PAGE_SIZE - offset);
        at += part;
        if (offset + part < PAGE_SIZE)
            return at + 1 - begin;
    }
}
