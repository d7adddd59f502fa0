/* try-call.c - makes the system calls that its input names, a line each, and prints what each
 * answers: "ok", or the error's number. For tests/test_flags.py.
 *
 * A line is the call's number and its arguments: numbers; `@word` for something made ready for
 * it (below); `*a,b,c` for a pointer to such 32-bit words; `=text` for a string. Each is made in
 * a child of its own, so that none changes anything for the next. A child that the call makes is
 * ended by the very next instruction: it may have its parent's stack. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { READ_WRITE = PROT_READ | PROT_WRITE };

static char path[] = "/tmp/try-call", name_new[] = "/tmp/try-call-new", folder[] = "/tmp";
static char place[] = "/tmp/try-call-place"; /* a directory, for a tree to hang there */
static char program[64] = "memory";

/* A file with contents, where one begins that has none yet. */
static long full(void)
{
    int fd = open(path, O_RDWR);

    return write(fd, path, sizeof(path)) > 0 ? fd : -1;
}

static long itimer(void)
{
    int id = -1;

    raw3(SYS_timer_create, CLOCK_MONOTONIC, 0, (long)&id);
    return id;
}

static long descriptor_of(const char *word)
{
    int ends[2];

    if (strcmp(word, "file") == 0)
        return open(path, O_RDWR);
    if (strcmp(word, "full") == 0)
        return full();
    if (strcmp(word, "sealable") == 0)
        return memfd_create(program, MFD_ALLOW_SEALING);
    if (strcmp(word, "terminal") == 0)
        return open("/dev/console", O_RDWR | O_NOCTTY);
    if (strcmp(word, "itimer") == 0)
        return itimer();
    if (strcmp(word, "directory") == 0)
        return open(folder, O_RDONLY);
    if (strcmp(word, "epoll") == 0)
        return epoll_create1(0);
    if (strcmp(word, "timer") == 0)
        return timerfd_create(CLOCK_MONOTONIC, 0);
    if (strcmp(word, "event") == 0)
        return eventfd(0, 0);
    if (strcmp(word, "socket") == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0)
        return ends[0];
    if (strcmp(word, "pipe") == 0 && pipe(ends) == 0)
        return ends[0];
    return -1;
}

static long memory_of(const char *word)
{
    static char zeroes[4096];
    int shared = strcmp(word, "shared") == 0;

    if (strcmp(word, "zeroes") == 0)
        return (long)zeroes;
    if (shared || strcmp(word, "page") == 0)
        return (long)mmap(0, 4 * PAGE, READ_WRITE,
                          MAP_ANONYMOUS | (shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
    if (strcmp(word, "none") == 0)
        return (long)mmap(0, 4 * PAGE, PROT_NONE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (strcmp(word, "segment") == 0)
        return shmget(IPC_PRIVATE, PAGE, 0600);
    return 0;
}

/* A terminal's, as they are. */
static long settings(void)
{
    static struct termios now;

    tcgetattr(open("/dev/console", O_RDWR | O_NOCTTY), &now);
    return (long)&now;
}

static long thing_of(const char *word)
{
    if (strcmp(word, "path") == 0)
        return (long)path;
    if (strcmp(word, "new") == 0)
        return (long)name_new;
    if (strcmp(word, "folder") == 0)
        return (long)folder;
    if (strcmp(word, "name") == 0)
        return (long)program;
    if (strcmp(word, "empty") == 0)
        return (long)"";
    if (strcmp(word, "tree") == 0)
        return mount("none", place, "tmpfs", 0, NULL) == 0 ? (long)place : 0;
    if (strcmp(word, "place") == 0)
        return (long)place;
    if (strcmp(word, "settings") == 0)
        return settings();
    long memory = memory_of(word);
    return memory ? memory : descriptor_of(word);
}

static long words_of(char *list)
{
    uint32_t *words = calloc(64, sizeof(*words));
    unsigned count = 0;

    for (char *word = strtok(list, ","); word; word = strtok(NULL, ","))
        words[count++] = strtoul(word, NULL, 0);
    return (long)words;
}

static long argument_of(char *word)
{
    if (*word == '@')
        return thing_of(word + 1);
    if (*word == '=')
        return (long)(word + 1);
    return *word == '*' ? words_of(word + 1) : (long)strtoul(word, NULL, 0);
}

/* One of fork's kin: the child does nothing but end. */
static long call_fork(const long a[7])
{
    long result;
    register long r10 __asm__("r10") = a[4];
    register long r8 __asm__("r8") = a[5];

    __asm__ volatile("syscall\n\ttest %%rax, %%rax\n\tjnz 1f\n\t"
                     "mov %[exit], %%eax\n\txor %%edi, %%edi\n\tsyscall\n1:"
                     : "=a"(result)
                     : "a"(a[0]), "D"(a[1]), "S"(a[2]), "d"(a[3]), "r"(r10),
                       "r"(r8), [exit] "i"(SYS_exit)
                     : "rcx", "r11", "memory");
    return result;
}

static int try(char *line)
{
    char *words[7] = {NULL};
    long argument[7] = {0};
    int count = 0;

    for (char *word = strtok(line, " \n"); word && count < 7; word = strtok(NULL, " \n"))
        words[count++] = word;
    for (int i = 0; i < count; i++)
        argument[i] = argument_of(words[i]);
    bool forks = argument[0] == SYS_clone || argument[0] == SYS_clone3;
    long result = forks ? call_fork(argument)
                        : raw6(argument[0], argument[1], argument[2], argument[3],
                               argument[4], argument[5], argument[6]);
    return result < 0 && result > -4096 ? (int)-result : 0;
}

int main(void)
{
    static char line[512];

    mkdir(place, 0700);
    while (fgets(line, sizeof(line), stdin)) {
        int status;
        umount2(place, 0);
        close(open(path, O_RDWR | O_CREAT | O_TRUNC, 0600));
        truncate(path, PAGE);
        unlink(name_new), rmdir(name_new);
        pid_t child = fork();
        if (child == 0) {
            alarm(2); /* it waits for what does not come */
            _exit(try(line));
        }
        waitpid(child, &status, 0);
        if (WIFSIGNALED(status))
            printf("signal %d\n", WTERMSIG(status));
        else if (WEXITSTATUS(status))
            printf("%d\n", WEXITSTATUS(status));
        else
            puts("ok");
        fflush(stdout);
    }
    unlink(path), unlink(name_new);
    umount2(place, 0), rmdir(place);
    return 0;
}
