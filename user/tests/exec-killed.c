/* exec-killed.c - a signal that comes in the middle of execve is the one that ends the process.
 *
 * Behind the point of no return the arguments are copied into pages that are new. No copy is
 * finished for a process that a signal ends, and an exec that cannot finish ends its process too:
 * the parent must be told of the signal, and never of SIGSEGV. A timer, which outlives execve,
 * ends a child a microsecond later each time, until one has run to its end. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS = 40, WORD = 2000, RAN = 30, LATEST_US = 2000 };

static char *words[WORDS + 1], word[WORD];

static void handler(int signal)
{
    (void)signal;
}

static int become(void *microseconds)
{
    struct itimerval soon = {{0, 0}, {0, *(int *)microseconds}};

    /* A handler is not there any more behind the point of no return: the signal ends. */
    signal(SIGALRM, handler);
    setitimer(ITIMER_REAL, &soon, NULL);
    while (execve("/proc/self/exe", words, NULL) != 0 && errno == EINTR)
        continue;
    return errno;
}

int main(int argc, char **argv)
{
    unsigned ended = 0, ran = 0, other = 0;

    if (argc == WORDS) {
        struct itimerval none = {{0, 0}, {0, 0}};

        (void)argv;
        setitimer(ITIMER_REAL, &none, NULL);
        return RAN;
    }
    memset(word, 'w', WORD - 1);
    for (unsigned i = 0; i < WORDS; i++)
        words[i] = word;
    for (int us = 1; us <= LATEST_US && ran < 20; us++) {
        int status = child_run(become, &us);

        if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
            ended++;
        else if (WIFEXITED(status) && WEXITSTATUS(status) == RAN)
            ran++;
        else
            other++;
    }
    check(other == 0, "each child ran, or was ended by its timer, and by nothing else");
    check(!on_faultline() || ended > 20, "the timer came in the middle of an exec");
    return tap_end();
}
