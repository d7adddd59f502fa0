/* sockets.c - there is no network, and programs are told so.
 *
 * A program that asks for a socket gets an honest "no such family" and goes on without;
 * nothing else can make one, so all other calls find that their descriptor is none. */
#include "kernel/linux/files.h"

SYSCALL(socket)
{
    return -EAFNOSUPPORT;
}

SYSCALL(socketpair)
{
    return -EAFNOSUPPORT;
}

static long socket_none(uint64_t fd)
{
    return files_get(process_current()->files, fd) ? -ENOTSOCK : -EBADF;
}

#define SOCKET_CALL(name)      \
    SYSCALL(name)              \
    {                          \
        return socket_none(a); \
    }

SOCKET_CALL(connect)
SOCKET_CALL(accept)
SOCKET_CALL(accept4)
SOCKET_CALL(sendto)
SOCKET_CALL(recvfrom)
SOCKET_CALL(sendmsg)
SOCKET_CALL(recvmsg)
SOCKET_CALL(shutdown)
SOCKET_CALL(bind)
SOCKET_CALL(listen)
SOCKET_CALL(getsockname)
SOCKET_CALL(getpeername)
SOCKET_CALL(setsockopt)
SOCKET_CALL(getsockopt)
