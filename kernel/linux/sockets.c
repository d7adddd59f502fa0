/* kernel/linux/sockets.c - there is no network, and programs are told so.
 *
 * A program that asks for a socket gets an honest "no such family" and goes on without. The
 * one kind there is comes in pairs: two ends of a stream within this machine (socketpair). */
#include "kernel/file/unnamed.h"
#include "kernel/linux/descriptors.h"

#define AF_UNIX       1u
#define SOCK_STREAM   1u
#define SOCK_NONBLOCK O_NONBLOCK
#define SOCK_CLOEXEC  O_CLOEXEC
#define MSG_DONTWAIT  0x40u
#define MSG_NOSIGNAL  0x4000u

SYSCALL(socket)
{
    return -EAFNOSUPPORT;
}

SYSCALL(socketpair, int domain, uint32_t kind, int protocol, uint64_t numbers)
{
    struct file *ends[2];
    uint32_t type = kind & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (domain != AF_UNIX)
        return -EAFNOSUPPORT;
    if (type != SOCK_STREAM)
        return -ESOCKTNOSUPPORT;
    if (protocol != 0 && protocol != AF_UNIX)
        return -EPROTONOSUPPORT;
    int error = socketpair_create(kind & SOCK_NONBLOCK, ends);
    return error ? error
                 : descriptor_add_pair(ends[0], ends[1], numbers, kind & SOCK_CLOEXEC);
}

/* --- On such a pair ---------------------------------------------------------------------- */

/* The socket with that number, with a reference. -EBADF, -ENOTSOCK. */
static int socket_hold(int fd, struct file **socket)
{
    return descriptor_hold_kind(fd, file_is_socket, -ENOTSOCK, socket);
}

/* Once, without waiting where the flags say so. */
static bool must_not_wait(struct file *socket, uint64_t flags, unsigned ready)
{
    return (flags & MSG_DONTWAIT) && !(file_ready(socket) & (ready | POLLHUP | POLLERR));
}

static long send_held(struct file *socket, uint64_t buffer, uint64_t length, uint64_t flags)
{
    if (flags & ~(uint64_t)(MSG_DONTWAIT | MSG_NOSIGNAL))
        return -EOPNOTSUPP;
    bool broken = socketpair_is_broken(socket);
    if (!broken && must_not_wait(socket, flags, POLLOUT))
        return -EAGAIN;
    if (broken && (flags & MSG_NOSIGNAL))
        return -EPIPE;
    return file_write(socket, (const void __user *)buffer, length, &socket->position);
}

SYSCALL(sendto, int fd, uint64_t buffer, uint64_t length, uint32_t flags, uint64_t address)
{
    struct file *socket;
    int error = socket_hold(fd, &socket);
    if (error)
        return error;
    long result = address ? -EISCONN : send_held(socket, buffer, length, flags);
    file_release(socket);
    return result;
}

static long receive_held(struct file *socket, uint64_t buffer, uint64_t length,
                         uint64_t flags)
{
    if (flags & ~(uint64_t)(MSG_DONTWAIT | MSG_NOSIGNAL))
        return -EOPNOTSUPP;
    if (must_not_wait(socket, flags, POLLIN))
        return -EAGAIN;
    return file_read(socket, (void __user *)buffer, length, &socket->position);
}

SYSCALL(recvfrom, int fd, uint64_t buffer, uint64_t length, uint32_t flags)
{
    struct file *socket;
    int error = socket_hold(fd, &socket);
    if (error)
        return error;
    long result = receive_held(socket, buffer, length, flags);
    file_release(socket);
    return result;
}

SYSCALL(shutdown, int fd, uint32_t how)
{
    enum { READING, WRITING, BOTH };
    struct file *socket;
    int error = socket_hold(fd, &socket);
    if (error)
        return error;
    if (how <= BOTH)
        socketpair_shutdown(socket, how != WRITING, how != READING);
    file_release(socket);
    return how <= BOTH ? 0 : -EINVAL;
}

/* What a pair cannot do: connect, accept, bind, … (FILE_SYSCALLS). */
SYSCALL(socket_refused, int fd)
{
    struct file *socket;
    int error = socket_hold(fd, &socket);
    if (error)
        return error;
    file_release(socket);
    return -EOPNOTSUPP;
}
