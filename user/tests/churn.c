/* churn.c - churn [ROUNDS]: fork, exec and exit over and over, then ask where the memory
 * went. Each round builds a space, copies it, replaces it and drops it: a table, a frame or
 * an object lost in any of these shows as free memory that does not come back.
 *
 * Prints the free memory after the tenth round and after the last: they must be equal. */
#include "user/lib/counters.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void round_run(char *self)
{
    char *const argv[] = {self, "exit", NULL};
    int status;
    pid_t child = fork();

    if (child == 0) {
        execvp(self, argv);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fputs("churn: a round failed\n", stderr);
        exit(1);
    }
}

/* Free memory, when the kernel has given back what it keeps for later. */
static long free_now(void)
{
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

    if (fd < 0 || write(fd, "2", 1) != 1)
        perror("churn: drop_caches");
    close(fd);
    return memory_free();
}

int main(int argc, char *argv[])
{
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return 0;
    long rounds = argc > 1 ? atol(argv[1]) : 100, tenth = 0;

    free_now(); /* what reading it allocates is there from the start */
    for (long i = 1; i <= rounds; i++) {
        round_run(argv[0]);
        if (i == 10)
            tenth = free_now();
    }
    long last = free_now();
    printf("free after 10 rounds: %ld kB\n", tenth);
    printf("free after %ld rounds: %ld kB\n", rounds, last);
    return 0;
}
