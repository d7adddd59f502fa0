/* socketpair.c - two files, each of which reads what is written to the other.
 *
 * There is no network here, but two processes may well want to talk both ways: two pipes,
 * crosswise, do it. Each end is a file that reads from one pipe and writes to the other. */
#include "kernel/anonymous.h"
#include "kernel/pipe.h"
#include "kernel/process.h"
#include "lib/errno.h"
#include "mm/slab.h"

struct socket_end {
    struct file *reader, *writer; /* ends of the two pipes; NULL: shut down */
};

static struct slab_cache end_cache = SLAB_CACHE("socket", struct socket_end);

/* The pipe's end, waiting or not as the socket says, with a reference: the call may sleep
 * while another thread shuts it down. */
static struct file *end_hold(const struct file *file, struct file *end)
{
    if (!end)
        return NULL;
    end->flags = (end->flags & ~O_NONBLOCK) | (file->flags & O_NONBLOCK);
    file_hold(end);
    return end;
}

static long socket_read(struct file *file, void __user *buffer, size_t length,
                        uint64_t *position)
{
    const struct socket_end *socket = file->inode->data;
    struct file *end = end_hold(file, socket->reader);
    if (!end)
        return 0;
    long result = file_read(end, buffer, length, position);
    file_release(end);
    return result;
}

static long socket_write(struct file *file, const void __user *buffer, size_t length,
                         uint64_t *position)
{
    const struct socket_end *socket = file->inode->data;
    struct file *end = end_hold(file, socket->writer);
    if (!end) {
        signal_send(process_current(), SIGPIPE, SIGNAL_FROM_KERNEL, 0);
        return -EPIPE;
    }
    long result = file_write(end, buffer, length, position);
    file_release(end);
    return result;
}

static unsigned socket_ready(struct file *file)
{
    const struct socket_end *socket = file->inode->data;
    unsigned reads = socket->reader ? file_ready(socket->reader) : READY_READ;
    unsigned writes = socket->writer ? file_ready(socket->writer) : READY_WRITE;
    if (reads & READY_HANGUP) /* what is read then is the end */
        reads |= READY_READ;
    return reads | (writes & READY_WRITE) | (writes & READY_ERROR ? READY_HANGUP : 0);
}

static struct news socket_news(struct file *file, bool writing)
{
    const struct socket_end *socket = file->inode->data;
    struct file *end = writing ? socket->writer : socket->reader;
    return end ? file_news(end, writing) : (struct news){0, poll_changes};
}

static long socket_control(struct file *file, unsigned command, uintptr_t argument)
{
    const struct socket_end *socket = file->inode->data;
    if (!socket->reader)
        return -EINVAL;
    return socket->reader->inode->operations->control(socket->reader, command, argument);
}

static void end_free(struct socket_end *socket)
{
    if (socket->reader)
        file_release(socket->reader);
    if (socket->writer)
        file_release(socket->writer);
    slab_give(&end_cache, socket);
}

static void socket_destroy(struct inode *inode)
{
    if (inode->data)
        end_free(inode->data);
}

static const struct inode_operations socket_operations = {
    .read = socket_read,
    .write = socket_write,
    .ready = socket_ready,
    .news = socket_news,
    .control = socket_control,
    .destroy = socket_destroy,
};

bool file_is_socket(const struct file *file)
{
    return file->inode->operations == &socket_operations;
}

bool socketpair_is_broken(const struct file *file)
{
    const struct socket_end *socket = file->inode->data;
    return !socket->writer || (file_ready(socket->writer) & READY_ERROR);
}

void socketpair_shutdown(struct file *file, bool reading, bool writing)
{
    struct socket_end *socket = file->inode->data;
    if (reading && socket->reader) {
        file_release(socket->reader);
        socket->reader = NULL;
    }
    if (writing && socket->writer) {
        file_release(socket->writer);
        socket->writer = NULL;
    }
}

static int socket_open(struct file *reader, struct file *writer, uint32_t flags,
                       struct file **opened)
{
    struct socket_end *socket = slab_take(&end_cache);
    if (!socket) {
        file_release(reader);
        file_release(writer);
        return -ENOMEM;
    }
    *socket = (struct socket_end){reader, writer};
    int error =
        anonymous_open(&socket_operations, MODE_SOCKET | 0777, socket, flags, opened);
    if (error)
        end_free(socket);
    return error;
}

int socketpair_create(uint32_t flags, struct file *opened[2])
{
    struct file *reader[2], *writer[2];
    int error = pipe_create(0, &reader[0], &writer[1]);
    if (error)
        return error;
    error = pipe_create(0, &reader[1], &writer[0]);
    if (error) {
        file_release(reader[0]);
        file_release(writer[1]);
        return error;
    }
    error = socket_open(reader[0], writer[0], flags, &opened[0]);
    if (error) {
        file_release(reader[1]);
        file_release(writer[1]);
        return error;
    }
    error = socket_open(reader[1], writer[1], flags, &opened[1]);
    if (error)
        file_release(opened[0]);
    return error;
}
