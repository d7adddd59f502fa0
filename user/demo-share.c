/* demo-share.c - one frame in many spaces: two processes that run the same program have one
 * copy of its code and constants between them, and data each of their own; and memory mapped
 * shared is seen by both, whoever writes. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct turns turns;
static bool told = true;

static const char constant[64] = "a constant: nobody can write to it";
static volatile char data[64] = "data: each process has its own";

__attribute__((noinline)) static int code(int value)
{
    return value * 3 + data[0];
}

/* A row of the table; whether both have the same frame is as expected. */
static void row(const char *what, pid_t other, const volatile void *address, bool one_frame)
{
    struct page_look ours, theirs;

    (void)*(volatile char *)address;
    if (!page_look(0, (void *)address, &ours) ||
        !page_look(other, (void *)address, &theirs)) {
        told = false;
        return;
    }
    bool same = ours.frame == theirs.frame && ours.present;
    say("  %-18s %14p %10ld %10ld   %-10s %s", what, (void *)address, ours.frame,
        theirs.frame, same ? "one frame" : "two frames",
        same == one_frame ? "" : "(not as expected)");
    if (same != one_frame)
        claim(false, "%s should be in %s", what, one_frame ? "one frame" : "two");
}

static void table_head(void)
{
    say("  %-18s %14s %10s %10s", "", "address", "frame here", "there");
}

static int bytes_compare(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

/* Run some of the C library's code. */
static void library_use(void)
{
    char text[] = "library";

    qsort(text, strlen(text), 1, bytes_compare);
    data[2] = text[0];
}

/* The other process: the same program again. It touches what we will look at. */
static int peer(char *argv[])
{
    char byte = *(const volatile char *)constant;

    data[1] = (char)code(byte);
    library_use();
    if (write(atoi(argv[2]), &byte, 1) != 1)
        return 1;
    return read(atoi(argv[1]), &byte, 1) == 1 ? 0 : 1;
}

static int child_become_peer(void *unused)
{
    char in[12], out[12];

    (void)unused;
    snprintf(in, sizeof(in), "%d", turns.to_child[0]);
    snprintf(out, sizeof(out), "%d", turns.to_parent[1]);
    execl("/proc/self/exe", "demo-share", in, out, NULL);
    execlp("demo-share", "demo-share", in, out, NULL);
    return 127;
}

static void scene_program(void)
{
    title("Two processes run the same program");
    data[1] = (char)code(constant[0]);
    trace_note("the same program is started once more");
    pid_t other = child_start(child_become_peer, NULL);
    if (turn_of_child(&turns) != constant[0])
        claim(false, "the other process could not be started");
    table_head();
    row("code", other, (void *)&code, true);
    row("constants", other, constant, true);
    row("data, written to", other, data, false);
    turn_to_child(&turns, 'x');
    claim(child_wait(other) == 0, "same program, same addresses: code and constants are");
    say("    pages of the file, and one frame does for all; data was a page of the file");
    say("    too, until each wrote to it and got a copy");
}

static void scene_library(void)
{
    enum { PEERS = 4 };
    pid_t peers[PEERS];
    struct page_look look;

    title("The C library's code, and how many use it");
    library_use();
    if (!page_look(0, (void *)qsort, &look) || page_users((void *)qsort) < 0) {
        told = false;
        return;
    }
    long frame = look.frame, before = page_users((void *)qsort);
    say("  qsort is in frame %ld, and %ld process has it mapped", frame, before);
    for (int i = 0; i < PEERS; i++) {
        trace_note("process %d calls qsort", i + 1);
        peers[i] = child_start(child_become_peer, NULL);
        turn_of_child(&turns);
        say("  process %d calls it: %ld", (int)peers[i], page_users((void *)qsort));
    }
    long during = page_users((void *)qsort);
    trace_note("the four processes end");
    for (int i = 0; i < PEERS; i++)
        turn_to_child(&turns, 'x');
    for (int i = 0; i < PEERS; i++)
        child_wait(peers[i]);
    claim(during == before + PEERS, "counted once for each user, and always one frame;");
    claim(page_users((void *)qsort) == before, "when they have ended, it is %ld again",
          before);
}

static volatile char *shared_memory, *private_memory;

static int child_write(void *unused)
{
    (void)unused;
    trace_note("the child writes to both pages");
    strcpy((char *)shared_memory, "written by the child");
    strcpy((char *)private_memory, "written by the child");
    turn_to_parent(&turns, 'w');
    turn_of_parent(&turns);
    return strcmp((char *)shared_memory, "written by the parent");
}

static void scene_shared(void)
{
    title("Memory mapped shared, and memory mapped private, after fork");
    shared_memory = shared_page();
    private_memory = region_map(1);
    strcpy((char *)private_memory, "written before fork");
    trace_note("fork: one page is mapped shared, the other private");
    pid_t other = child_start(child_write, NULL);
    turn_of_child(&turns);
    table_head();
    row("shared", other, shared_memory, true);
    row("private", other, private_memory, false);
    claim(strcmp((char *)shared_memory, "written by the child") == 0,
          "the child wrote to both; here the shared one says \"%s\",", shared_memory);
    claim(strcmp((char *)private_memory, "written before fork") == 0,
          "the private one \"%s\"", private_memory);
    trace_note("the parent writes to the shared page");
    strcpy((char *)shared_memory, "written by the parent");
    turn_to_child(&turns, 'x');
    claim(child_wait(other) == 0, "and the child sees what we write to the shared one");
}

static void scene_file(void)
{
    static const char path[] = "/tmp/demo-share";
    char text[8] = "";
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    title("A file mapped by two is one page too");
    if (fd < 0 || ftruncate(fd, PAGE) != 0) {
        claim(false, "%s can be made", path);
        return;
    }
    volatile char *one = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    volatile char *two = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    trace_note("a file is mapped twice, and written through the first mapping");
    one[0] = 'x';
    claim(two[0] == 'x' && pread(fd, text, 1, 0) == 1 && text[0] == 'x',
          "written at %p, seen at %p and by read(2)", (void *)one, (void *)two);
    struct page_look first, second;
    if (page_look(0, (void *)one, &first) && page_look(0, (void *)two, &second))
        claim(first.frame == second.frame, "both are frame %ld", first.frame);
    munmap((void *)one, PAGE);
    munmap((void *)two, PAGE);
    close(fd);
    unlink(path);
}

int main(int argc, char *argv[])
{
    if (argc == 3)
        return peer(argv);
    turns_open(&turns);
    scene_program();
    scene_library();
    scene_shared();
    scene_file();
    if (!told)
        cannot_tell("which frame holds which page");
    return demo_end();
}
