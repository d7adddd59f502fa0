/* run-wired.c - run a program, and then tell what it left behind.
 *
 *   run-wired PROGRAM ARG...
 *
 * Prints /proc/audit, /proc/meminfo and /proc/vmstat once nobody else is left. Itself wired in
 * memory: an error of the swap device that strikes the program does not strike who tells of
 * it. The status is the program's. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int processes(void)
{
    DIR *folder = opendir("/proc");
    int count = 0;

    for (struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
    closedir(folder);
    return count;
}

static void tell(const char *path)
{
    char text[4096];
    int file = open(path, O_RDONLY);

    for (ssize_t got; (got = read(file, text, sizeof(text))) > 0;)
        fwrite(text, 1, (size_t)got, stdout);
    close(file);
}

int main(int argc, char *argv[])
{
    enum { SELF_AND_INIT = 2, PATIENCE = 120 };
    int status;

    if (argc < 2 || mlockall(MCL_CURRENT | MCL_FUTURE) != 0)
        return 2;
    if (!fork()) {
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    wait(&status);
    for (int i = 0; i < PATIENCE && processes() > SELF_AND_INIT; i++)
        sleep(1);
    tell("/proc/audit");
    tell("/proc/meminfo");
    tell("/proc/vmstat");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
