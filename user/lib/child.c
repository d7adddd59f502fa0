/* child.c - see child.h. */
#include "user/lib/child.h"

#include "user/lib/tap.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

pid_t child_start(int (*step)(void *argument), void *argument)
{
    fflush(stdout);
    pid_t child = fork();

    if (child < 0)
        bail("fork");
    if (child > 0)
        return child;
    int status = step(argument);
    fflush(stdout);
    _exit(status);
}

int child_wait(pid_t child)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            bail("waitpid");
    return status;
}

int child_run(int (*step)(void *argument), void *argument)
{
    return child_wait(child_start(step, argument));
}

void *shared_page(void)
{
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        bail("mmap of a shared page");
    return page;
}

void turns_open(struct turns *turns)
{
    if (pipe(turns->to_child) != 0 || pipe(turns->to_parent) != 0)
        bail("pipe");
}

static void byte_say(int fd, char say)
{
    if (write(fd, &say, 1) != 1)
        bail("write to the other side");
}

static char byte_hear(int fd)
{
    char heard;

    return read(fd, &heard, 1) == 1 ? heard : 0;
}

void turn_to_child(struct turns *turns, char say)
{
    byte_say(turns->to_child[1], say);
}

void turn_to_parent(struct turns *turns, char say)
{
    byte_say(turns->to_parent[1], say);
}

char turn_of_child(struct turns *turns)
{
    return byte_hear(turns->to_parent[0]);
}

char turn_of_parent(struct turns *turns)
{
    return byte_hear(turns->to_child[0]);
}

void turns_close(struct turns *turns)
{
    for (int end = 0; end < 2; end++) {
        close(turns->to_child[end]);
        close(turns->to_parent[end]);
    }
}
