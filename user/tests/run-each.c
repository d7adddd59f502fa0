/* run-each.c - runs programs that are damaged, and looks whether anybody else minds.
 *
 *   run-each PACK INTERPRETER
 *
 * PACK has for each file its length, 32 bits, and its bytes. Each is written down and
 * executed in a child, which an alarm ends if nothing else does. A line for each: `errno N`
 * when it was refused, `signal N`, or `exit N`. Beside it runs a bystander, who must be
 * alive at the end. INTERPRETER is put where the programs look for theirs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1 << 20, ALARM_US = 20000 };

static const char path[] = "/tmp/each", interpreter[] = "/tmp/interpreter";

static _Noreturn void fail(const char *what)
{
    printf("run-each: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void file_make(const char *name, const void *bytes, size_t length)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);

    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length || close(fd))
        fail(name);
}

/* It has nothing open but the pipe that tells why it was refused. */
static _Noreturn void become(int told)
{
    struct itimerval soon = {.it_value = {.tv_usec = ALARM_US}};
    char *argv[] = {(char *)path, NULL};

    for (int fd = 0; fd < 16; fd++)
        if (fd != told)
            close(fd);
    setitimer(ITIMER_REAL, &soon, NULL);
    execv(path, argv);
    int why = errno;
    write(told, &why, sizeof(why));
    _exit(1);
}

static void run(void)
{
    int told[2], why, status;

    if (pipe2(told, O_CLOEXEC))
        fail("pipe");
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        fail("fork");
    if (child == 0)
        become(told[1]);
    close(told[1]);
    bool refused = read(told[0], &why, sizeof(why)) == sizeof(why);
    close(told[0]);
    if (waitpid(child, &status, 0) != child)
        fail("wait");
    if (refused)
        printf("errno %d\n", why);
    else if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else
        printf("exit %d\n", WEXITSTATUS(status));
}

static pid_t bystander_start(void)
{
    pid_t child = fork();

    for (; child == 0;)
        pause();
    return child;
}

static void interpreter_copy(const char *from)
{
    static char bytes[MOST];
    int fd = open(from, O_RDONLY);
    ssize_t length = read(fd, bytes, sizeof(bytes));

    if (length < 0 || close(fd))
        fail(from);
    file_make(interpreter, bytes, (size_t)length);
}

int main(int argc, char *argv[])
{
    static char bytes[MOST];
    uint32_t length;
    FILE *pack = argc == 3 ? fopen(argv[1], "r") : NULL;

    if (!pack)
        fail("PACK");
    fcntl(fileno(pack), F_SETFD, FD_CLOEXEC);
    interpreter_copy(argv[2]);
    pid_t bystander = bystander_start();
    while (fread(&length, sizeof(length), 1, pack) == 1) {
        if (length > MOST || fread(bytes, 1, length, pack) != length)
            fail("a damaged pack");
        file_make(path, bytes, length);
        run();
        unlink(path);
    }
    if (waitpid(bystander, NULL, WNOHANG) != 0)
        fail("the bystander");
    kill(bystander, SIGKILL);
    waitpid(bystander, NULL, 0);
    return 0;
}
