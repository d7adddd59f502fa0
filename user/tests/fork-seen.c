/* fork-seen.c - a process that is being made, and others who find it.
 *
 * fork copies a large space in pieces, and others run in between: they may find the child by its
 * number before it is whole. Then its parent's memory is not its own, a limit that is set for it
 * is its own only, and a signal for all of its group is for it, too. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE    4096l
#define REGIONS 6000  /* so many take longer to copy than a slice of time */
#define LOOKS   10000 /* at most */
#define NEAR    50    /* its number is not much more than its parent's */
#define MOMENTS 1000  /* of 1 ms */
#define LARGE   (32l << 20)
#define LONGEST 60 /* s: then parent and child end, whatever has become of who looks on */

/* What parent, child and the looker-on say to each other. */
struct said {
    volatile int begins, born, forked, looked, limited;
    volatile int heard[2]; /* signals: by the parent, by the child */
};
static struct said *said;
static volatile int word; /* of the parent's memory; the child's is another */
static int maker;         /* the parent's number */

static void heard(int signal)
{
    (void)signal;
    said->heard[getpid() != maker]++;
}

/* Every second page is another region. */
static void regions_make(void)
{
    char *pages = mmap(NULL, REGIONS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        bail("mmap");
    for (long i = 0; i < REGIONS; i += 2)
        if (mprotect(pages + i * PAGE, PAGE, PROT_READ))
            bail("mprotect");
}

static bool may_map(void)
{
    return mmap(NULL, LARGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

/* The parent: forks, lets the other look, and says what became of its own. */
static int parent(void *argument)
{
    (void)argument;
    maker = getpid();
    setpgid(0, 0);
    signal(SIGUSR1, heard);
    alarm(LONGEST);
    regions_make();
    said->begins = 1;
    int child = fork();
    if (child == 0) {
        said->born = 1;
        alarm(LONGEST);
        while (!said->looked)
            usleep(100);
        said->limited = !may_map();
        for (;;)
            pause();
    }
    said->forked = 1;
    while (!said->looked)
        usleep(100);
    return word == 0 && may_map() ? 0 : 1;
}

static bool comes(volatile const int *what)
{
    for (int i = 0; i < MOMENTS && !*what; i++)
        usleep(1000);
    return *what;
}

/* Is that a child of `of`? */
static bool is_child(int process, int of)
{
    char name[64], text[256];
    int parent_of = 0;

    snprintf(name, sizeof(name), "/proc/%d/stat", process);
    int file = open(name, O_RDONLY);
    ssize_t length = file < 0 ? 0 : read(file, text, sizeof(text) - 1);
    text[length > 0 ? length : 0] = 0;
    if (file >= 0)
        close(file);
    return sscanf(text, "%*d (%*[^)]) %*c %d", &parent_of) == 1 && parent_of == of;
}

/* As soon as it can be found. */
static int child_find(int of)
{
    comes(&said->begins);
    for (int look = 0; look < LOOKS; look++)
        for (int process = of + 1; process < of + NEAR; process++)
            if (is_child(process, of))
                return process;
    bail("the child was not found");
}

static bool group_ends(int group)
{
    for (int i = 0; i < MOMENTS && kill(-group, 0) == 0; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        usleep(1000);
    }
    return kill(-group, 0) == -1;
}

static struct said nothing;

static int parent_start(int *child)
{
    *said = nothing;
    int process = child_start(parent, NULL);
    *child = child_find(process);
    return process;
}

static void test_memory(void)
{
    int child, process = parent_start(&child), one = 1;
    const struct iovec own = {&one, sizeof(one)}, theirs = {(void *)&word, sizeof(word)};

    process_vm_writev(child, &own, 1, &theirs, 1, 0);
    comes(&said->forked);
    said->looked = 1;
    check_equal(child_wait(process), 0, "what is written to the child is not its parent's");
    kill(-process, SIGKILL);
    group_ends(process);
}

static void test_limit(void)
{
    int child, process = parent_start(&child);
    const struct rlimit limit = {LARGE / 2, LARGE / 2};

    int result = prlimit(child, RLIMIT_AS, &limit, NULL);
    comes(&said->forked);
    said->looked = 1;
    check_equal(child_wait(process), 0, "a limit of the child's is not its parent's");
    check(result == 0 && comes(&said->limited), "and the child keeps it");
    kill(-process, SIGKILL);
    group_ends(process);
}

static void test_signal(void)
{
    int child, process = parent_start(&child);

    kill(-process, SIGUSR1);
    check(comes(&said->heard[0]) && comes(&said->heard[1]),
          "a signal for the group is heard by parent and child");
    kill(-process, SIGKILL);
    group_ends(process);
}

static void test_end(void)
{
    int child, process = parent_start(&child);

    kill(-process, SIGKILL);
    bool ended = group_ends(process);
    check(ended, "who ends the group ends parent and child");
    if (!ended)
        kill(-process, SIGKILL);
}

/* Elsewhere a child is not found before it is whole, and stays. */
static void test_parent_ends(void)
{
    int child, process = parent_start(&child);

    kill(process, SIGKILL);
    child_wait(process);
    check(said->forked || kill(child, 0) == -1 || comes(&said->born),
          "a parent that ends meanwhile leaves nobody who is half made");
    kill(-process, SIGKILL);
    group_ends(process);
}

int main(void)
{
    said = shared_page();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    test_memory();
    test_limit();
    test_signal();
    test_end();
    if (on_faultline())
        test_parent_ends();
    return tap_end();
}
