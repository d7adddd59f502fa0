/* kernel/file/socketpair.c - two files, each of which reads what is written to the other.
 *
 * There is no network here, but two processes may well want to talk both ways: two pipes,
 * crosswise, do it. Each end is a file that reads from one pipe and writes to the other. */
#include "kernel/file/pipe.h"
#include "kernel/file/unnamed.h"
#include "lib/errno.h"
#include "mm/mm.h"

struct socket_end {
    struct file *reader, *writer; /* ends of the two pipes */
};

static struct slab_cache end_cache = SLAB_CACHE("socket", struct socket_end);

/* The pipe's end that the call is for, waiting or not as the socket says. It stays as long as the
 * socket, shut down or not. */
static struct file *socket_end(const struct file *file, bool writing)
{
    const struct socket_end *socket = file->inode->data;
    struct file *end = writing ? socket->writer : socket->reader;
    end->flags = (end->flags & ~O_NONBLOCK) | (file->flags & O_NONBLOCK);
    return end;
}

int socketpair_error(const struct file *file)
{
    const struct socket_end *socket = file->inode->data;
    return pipe_is_unread(socket->writer, true) ? ECONNRESET : 0;
}

/* The end, where the peer has closed with bytes unread: that is told first, once. */
static long socket_end_read(const struct file *file, size_t length, long done)
{
    return !done && length ? -socketpair_error(file) : done;
}

static long socket_read(struct file *file, void __user *buffer, size_t length,
                        uint64_t *position)
{
    long done = file_read(socket_end(file, false), buffer, length, position);
    return socket_end_read(file, length, done);
}

static int socket_read_begin(struct file *file, size_t length)
{
    return file_read_begin(socket_end(file, false), length);
}

static long socket_read_part(struct file *file, void __user *buffer, size_t length,
                             uint64_t *position)
{
    long done = file_read_part(socket_end(file, false), buffer, length, position);
    return socket_end_read(file, length, done);
}

static void socket_read_end(struct file *file)
{
    file_read_end(socket_end(file, false));
}

static long socket_write(struct file *file, const void __user *buffer, size_t length,
                         uint64_t *position)
{
    struct file *end = socket_end(file, true);
    return end->inode->operations->write(end, buffer, length, position);
}

static int socket_write_begin(struct file *file, size_t length)
{
    return file_write_begin(socket_end(file, true), length);
}

static long socket_write_part(struct file *file, const void __user *buffer, size_t length,
                              uint64_t *position)
{
    return file_write_part(socket_end(file, true), buffer, length, position);
}

static void socket_write_end(struct file *file)
{
    file_write_end(socket_end(file, true));
}

/* Half of it is closed where one of the pipes has nobody at its other end. */
static unsigned socket_ready(struct file *file)
{
    const struct socket_end *socket = file->inode->data;
    unsigned reads = file_ready(socket->reader), writes = file_ready(socket->writer);
    bool ended = reads & POLLHUP, hung_up = ended && (writes & POLLERR);
    return (reads & POLLIN) | (ended ? POLLIN | POLLRDHUP : 0) | (hung_up ? POLLHUP : 0) |
           (pipe_is_unread(socket->writer, false) ? POLLERR : 0) |
           (hung_up || (writes & POLLOUT) ? POLLOUT | POLLWRBAND : 0);
}

static struct news socket_news(struct file *file, bool writing)
{
    const struct socket_end *socket = file->inode->data;
    return file_news(writing ? socket->writer : socket->reader, writing);
}

static struct listener **socket_listeners(struct file *file, bool room)
{
    const struct socket_end *socket = file->inode->data;
    return pipe_operations.listeners(room ? socket->writer : socket->reader, room);
}

static long socket_control(struct file *file, unsigned command, uintptr_t argument)
{
    const struct socket_end *socket = file->inode->data;
    return socket->reader->inode->operations->control(socket->reader, command, argument);
}

static void end_free(struct socket_end *socket)
{
    file_release(socket->reader);
    file_release(socket->writer);
    slab_give(&end_cache, socket);
}

static void socket_destroy(struct inode *inode)
{
    if (inode->data)
        end_free(inode->data);
}

static const struct inode_operations socket_operations = {
    .told_as = "socket:[%lu]",
    .read = socket_read,
    .read_begin = socket_read_begin,
    .read_part = socket_read_part,
    .read_end = socket_read_end,
    .write = socket_write,
    .fetches = true,
    .whole = true,
    .write_begin = socket_write_begin,
    .write_part = socket_write_part,
    .write_end = socket_write_end,
    .ready = socket_ready,
    .news = socket_news,
    .listeners = socket_listeners,
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
    return file_ready(socket->writer) & POLLERR;
}

void socketpair_shutdown(struct file *file, bool reading, bool writing)
{
    const struct socket_end *socket = file->inode->data;
    if (reading)
        pipe_shutdown(socket->reader);
    if (writing)
        pipe_shutdown(socket->writer);
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
    *socket = (struct socket_end){.reader = reader, .writer = writer};
    int error = unnamed_open(&socket_operations, S_IFSOCK | 0777, socket, flags, opened);
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
