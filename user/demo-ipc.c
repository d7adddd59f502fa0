/* demo-ipc.c - processes that talk through memory.
 *
 * Spaces are there to keep processes apart, so what two of them want to share they must ask
 * for. A pipe copies what is said, twice; a shared page is one frame in two spaces, and what
 * one writes the other has. Both ways here, and how strangers find the same memory. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

enum { LETTER = 16, ROUNDS = 1000, KEY = 0x1234 }; /* pages; turns; what strangers know */

static struct turns turns;
static bool told = true;

static char *letter;

static void letter_write(char *at)
{
    for (int i = 0; i < LETTER * PAGE; i++)
        at[i] = 'a' + i % 26;
}

static bool letter_is(const char *at)
{
    for (int i = 0; i < LETTER * PAGE; i++) {
        if (at[i] != 'a' + i % 26)
            return false;
    }
    return true;
}

/* --- A pipe --------------------------------------------------------------------------- */

static int child_sends(void *argument)
{
    int to = *(int *)argument;
    char *own = region_map(LETTER);

    letter_write(own);
    for (int sent = 0, got; sent < LETTER * PAGE; sent += got) {
        got = write(to, own + sent, LETTER * PAGE - sent);
        if (got <= 0)
            return 1;
    }
    return 0;
}

static void scene_pipe(void)
{
    int ends[2];

    title("A letter through a pipe");
    if (pipe(ends) != 0) {
        claim(false, "a pipe can be made");
        return;
    }
    trace_note("a child sends a letter of %d pages through a pipe", LETTER);
    pid_t other = child_start(child_sends, &ends[1]);
    close(ends[1]);
    char *own = region_map(LETTER);
    long before = faults_now();
    int came = 0, calls = 0;
    for (int got; (got = read(ends[0], own + came, LETTER * PAGE - came)) > 0; calls++)
        came += got;
    long taken = faults_now() - before;
    say("  %d bytes in %d reads, and %ld faults for pages of our own to put them in", came,
        calls, taken);
    claim(letter_is(own),
          "it arrived: copied into the kernel by one, and out by the other");
    claim(taken >= LETTER, "so it is in memory twice: its frames, and ours");
    child_wait(other);
    close(ends[0]);
    munmap(own, LETTER * PAGE);
}

/* --- Shared memory -------------------------------------------------------------------- */

static int child_writes(void *unused)
{
    (void)unused;
    letter_write(letter);
    turn_to_parent(&turns, 'w');
    turn_of_parent(&turns);
    return 0;
}

static void scene_shared(void)
{
    struct page_look ours, theirs;

    title("The same letter in shared memory");
    letter = mmap(NULL, LETTER * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    trace_note("a child writes the letter into shared memory");
    pid_t other = child_start(child_writes, NULL);
    turn_of_child(&turns);
    trace_note("the parent reads it there");
    long before = faults_now();
    claim(letter_is(letter), "it is here, without being sent");
    say("  %ld faults to find its pages, and our own after fork; no byte was copied",
        faults_now() - before);
    if (page_look(0, letter, &ours) && page_look(other, letter, &theirs))
        claim(ours.frame == theirs.frame, "its first page is frame %ld here, and %ld there",
              ours.frame, theirs.frame);
    else
        told = false;
    turn_to_child(&turns, 'x');
    child_wait(other);
    munmap(letter, LETTER * PAGE);
}

/* --- Strangers ------------------------------------------------------------------------ */

/* What lies at the beginning of the segment: whose turn it is, and what is said. */
struct desk {
    atomic_int turn; /* odd: theirs; even: ours */
    int value;
};

/* A process that knows nothing but the key. */
static int stranger(void)
{
    int id = shmget(KEY, 0, 0);
    struct desk *desk = shmat(id, NULL, 0);

    if (desk == (void *)-1)
        return 1;
    for (int round = 0; round < ROUNDS; round++) {
        while (atomic_load(&desk->turn) != 2 * round + 1)
            sched_yield();
        desk->value = desk->value * 3 + 1;
        atomic_store(&desk->turn, 2 * round + 2);
    }
    return 0;
}

static int child_become_stranger(void *unused)
{
    (void)unused;
    execl("/proc/self/exe", "demo-ipc", "stranger", NULL);
    execlp("demo-ipc", "demo-ipc", "stranger", NULL);
    return 127;
}

static bool converse(struct desk *desk)
{
    int expected = 0;

    for (int round = 0; round < ROUNDS; round++) {
        desk->value = round;
        expected = round * 3 + 1;
        atomic_store(&desk->turn, 2 * round + 1);
        while (atomic_load(&desk->turn) != 2 * round + 2)
            sched_yield();
        if (desk->value != expected)
            return false;
    }
    return true;
}

static void scene_strangers(void)
{
    struct shmid_ds state;
    int id = shmget(KEY, PAGE, IPC_CREAT | IPC_EXCL | 0600);
    struct desk *desk = id < 0 ? (void *)-1 : shmat(id, NULL, 0);

    title("Two programs that know only a number: a System V segment");
    if (desk == (void *)-1) {
        claim(false, "a segment with key %#x can be made", KEY);
        return;
    }
    memset(desk, 0, sizeof(*desk));
    trace_note("another program, that knows a key, is started");
    pid_t other = child_start(child_become_stranger, NULL);
    trace_note("%d questions and answers go through one page", ROUNDS);
    long before = faults_now();
    bool agreed = converse(desk);
    long taken = faults_now() - before;
    claim(agreed, "%d questions, %d answers, taking turns by a word in the page", ROUNDS,
          ROUNDS);
    claim(taken <= 4, "%ld faults here meanwhile: talking takes none", taken);
    claim(child_wait(other) == 0, "the stranger found it by the key, and has gone");
    shmdt(desk);
    claim(shmctl(id, IPC_STAT, &state) == 0 && state.shm_nattch == 0,
          "nobody has it attached: it stays, until it is removed");
    claim(shmctl(id, IPC_RMID, NULL) == 0, "as it is now");
}

/* --- A name ----------------------------------------------------------------------------- */

static void scene_name(void)
{
    static const char name[] = "/demo-ipc";
    int fd = shm_open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

    title("Shared memory with a name: a file in /dev/shm");
    if (fd < 0 || ftruncate(fd, PAGE) != 0) {
        claim(false, "%s can be made", name);
        return;
    }
    trace_note("a page with a name is written, left, and found again");
    char *one = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    strcpy(one, "left here for whoever knows the name");
    munmap(one, PAGE);
    close(fd);
    fd = shm_open(name, O_RDONLY, 0);
    const char *two = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    claim(strcmp(two, "left here for whoever knows the name") == 0,
          "unmapped, closed, opened again: \"%s\"", two);
    munmap((void *)two, PAGE);
    close(fd);
    claim(shm_unlink(name) == 0, "it goes with its name, once nobody has it");
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "stranger") == 0)
        return stranger();
    turns_open(&turns);
    scene_pipe();
    scene_shared();
    scene_strangers();
    scene_name();
    if (!told)
        cannot_tell("which frame holds which page");
    return demo_end();
}
