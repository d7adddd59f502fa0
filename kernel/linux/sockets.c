/* kernel/linux/sockets.c - there is no network, and programs are told so.
 *
 * A program that asks for a socket gets an honest "no such family" and goes on without. The
 * one kind there is comes in pairs: two ends of a stream within this machine (socketpair). */
#include "arch/user.h"
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

/* What a pair has to tell of itself; -ENOPROTOOPT. */
static int option_read(const struct file *socket, int name)
{
    enum { SO_TYPE = 3, SO_ERROR, SO_ACCEPTCONN = 30, SO_PROTOCOL = 38, SO_DOMAIN };
    switch (name) {
    case SO_TYPE:
        return SOCK_STREAM;
    case SO_ERROR:
        return socketpair_error(socket);
    case SO_ACCEPTCONN:
    case SO_PROTOCOL:
        return 0;
    case SO_DOMAIN:
        return AF_UNIX;
    default:
        return -ENOPROTOOPT;
    }
}

static long option_give(const struct file *socket, int name, uint64_t value_at,
                        uint64_t length_at)
{
    int length;
    if (copy_from_user(&length, (const void __user *)length_at, sizeof(length)))
        return -EFAULT;
    int value = length < 0 ? -EINVAL : option_read(socket, name);
    if (value < 0)
        return value;
    if (length > (int)sizeof(value))
        length = sizeof(value);
    return copy_to_user((void __user *)value_at, &value, length) ||
                   copy_to_user((void __user *)length_at, &length, sizeof(length))
               ? -EFAULT
               : 0;
}

SYSCALL(getsockopt, int fd, int level, int name, uint64_t value_at, uint64_t length_at)
{
    enum { SOL_SOCKET = 1 };
    struct file *socket;
    int error = socket_hold(fd, &socket);
    if (error)
        return error;
    long result =
        level == SOL_SOCKET ? option_give(socket, name, value_at, length_at) : -EOPNOTSUPP;
    file_release(socket);
    return result;
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
