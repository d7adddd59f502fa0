/* kernel/procfs/text.c - files whose contents are made when they are read.
 *
 * What a file of /proc says is taken down in full at the first read and then handed out
 * piece by piece: so the parts fit together even if the reader takes its time. Reading from
 * the beginning again takes it down afresh. */
#include "arch/user.h"
#include "kernel/procfs/proc.h"
#include "lib/errno.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

#define ADDITION_MAX 512u

struct proc_page {
    struct proc_page *next;
    char bytes[PAGE_SIZE - sizeof(struct proc_page *)];
};

#define PAGE_BYTES sizeof(((struct proc_page *)0)->bytes)

struct proc_text {
    struct proc_page *first, *last;
    size_t length;
    bool failed; /* memory was out */
};

static bool proc_text_grow(struct proc_text *text)
{
    struct proc_page *page = heap_take(sizeof(struct proc_page));

    if (!page)
        return false;
    if (text->last)
        text->last->next = page;
    else
        text->first = page;
    text->last = page;
    return true;
}

void proc_add(struct proc_text *text, const char *bytes, size_t length)
{
    while (length && !text->failed) {
        size_t used = text->length % PAGE_BYTES, part = PAGE_BYTES - used;

        if (!used && !proc_text_grow(text)) {
            text->failed = true;
            return;
        }
        if (part > length)
            part = length;
        memcpy(text->last->bytes + used, bytes, part);
        text->length += part;
        bytes += part;
        length -= part;
    }
}

void proc_print(struct proc_text *text, const char *fmt, ...)
{
    char addition[ADDITION_MAX];
    va_list arguments;

    va_start(arguments, fmt);
    size_t length = format_list(addition, sizeof(addition), fmt, arguments);
    va_end(arguments);
    proc_add(text, addition, length < sizeof(addition) ? length : sizeof(addition) - 1);
}

void proc_add_escaped(struct proc_text *text, const char *bytes, const char *escaped)
{
    for (; *bytes; bytes++) {
        char octal[] = {'\\', '0', (char)('0' + *bytes / 8 % 8), (char)('0' + *bytes % 8)};
        octal[1] = (char)('0' + *bytes / 64);
        if (strchr(escaped, *bytes))
            proc_add(text, octal, sizeof(octal));
        else
            proc_add(text, bytes, 1);
    }
}

/* Apart from the rest, so that the path is off the stack when more is added. */
__attribute__((noinline)) void proc_add_path(struct proc_text *text, struct inode *inode,
                                             const char *escaped)
{
    char path[PATH_LENGTH_MAX];

    if (path_of(inode, path, sizeof(path)) > 0)
        proc_add_escaped(text, path, escaped);
}

static void proc_text_free(struct proc_text *text)
{
    while (text->first) {
        struct proc_page *page = text->first;

        text->first = page->next;
        heap_give(page, sizeof(*page));
    }
    heap_give(text, sizeof(*text));
}

/* Take it down. 0, or -errno. */
static int proc_text_make(struct file *file, proc_make *make)
{
    struct proc_text *text = heap_take(sizeof(*text));
    if (!text)
        return -ENOMEM;
    int error = make(text, file->inode);
    if (!error && text->failed)
        error = -ENOMEM;
    if (error) {
        proc_text_free(text);
        return error;
    }
    if (file->data)
        proc_text_free(file->data);
    file->data = text;
    return 0;
}

static long proc_text_copy(const struct proc_text *text, char __user *buffer, size_t length,
                           uint64_t *position)
{
    const struct proc_page *page = text->first;
    size_t done = 0;

    for (uint64_t skip = *position / PAGE_BYTES; skip && page; skip--)
        page = page->next;
    for (; page && done < length && *position < text->length; page = page->next) {
        size_t offset = *position % PAGE_BYTES, part = PAGE_BYTES - offset;

        if (part > length - done)
            part = length - done;
        if (part > text->length - *position)
            part = text->length - *position;
        size_t missed = copy_to_user(buffer + done, page->bytes + offset, part);
        done += part - missed;
        *position += part - missed;
        if (missed)
            return done ? (long)done : -EFAULT;
    }
    return done;
}

long proc_text_serve(struct file *file, void __user *buffer, size_t length,
                     uint64_t *position, proc_make *make)
{
    int error = inode_lock(file->inode);

    if (error)
        return error;
    if (!file->data || *position == 0)
        error = proc_text_make(file, make);
    long done = error ? error : proc_text_copy(file->data, buffer, length, position);
    inode_unlock(file->inode);
    return done;
}

void proc_text_close(struct file *file)
{
    if (file->data)
        proc_text_free(file->data);
}

static int proc_file_make(struct proc_text *text, const struct inode *inode)
{
    const struct proc_node *node = proc_node(inode);
    struct process *process = NULL;
    int error = node->pid ? proc_process(inode, &process) : 0;

    return error ? error : node->file->generate(text, process);
}

long proc_text_read(struct file *file, void __user *buffer, size_t length,
                    uint64_t *position)
{
    return proc_text_serve(file, buffer, length, position, proc_file_make);
}

const struct inode_operations proc_memory_text_operations = {
    .seek = SEEK_NO_END,
    .open = proc_memory_open,
    .read = proc_text_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_ended_memory_operations = {
    .seek = SEEK_IN_FILE,
    .open = proc_memory_open,
    .read = proc_text_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_ended_text_operations = {
    .seek = SEEK_IN_FILE,
    .read = proc_text_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};

const struct inode_operations proc_text_operations = {
    .seek = SEEK_NO_END,
    .read = proc_text_read,
    .close = proc_text_close,
    .destroy = proc_inode_destroy,
};
