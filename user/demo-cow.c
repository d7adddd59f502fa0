/* demo-cow.c - copy-on-write, in the textbook's two pictures and three more, drawn from the
 * frames that are really there.
 *
 * fork gives the child a copy of the parent's memory without copying it: both name the same
 * pages, and nobody may write to them. Whoever writes first takes a fault, and gets a copy of
 * that one page. Whoever is left alone with a page needs no copy any more. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/trace_note.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 3, A = 0, B = 1, C = 2 };

static volatile char *region;
static struct turns turns;
static volatile long *child_faults; /* shared: what the child counted */
static struct page_look parents[PAGES], childs[PAGES];
static bool told = true;

static void look(pid_t child)
{
    trace_note("the parent looks which page is in which frame");
    for (int i = 0; i < PAGES; i++) {
        told &= page_look(0, (void *)(region + i * PAGE), &parents[i]);
        childs[i] = (struct page_look){.frame = -1, .page = -1};
        if (child)
            told &= page_look(child, (void *)(region + i * PAGE), &childs[i]);
    }
}

static void frame_draw(const struct page_look *look, char *text, size_t size)
{
    char page[24] = "-";

    if (look->page >= 0)
        snprintf(page, sizeof(page), "%ld", look->page);
    if (look->present)
        snprintf(text, size, "frame %-8ld page %-7s holders %ld", look->frame, page,
                 look->holders);
    else
        snprintf(text, size, "%s", "no frame");
}

/* One row: parent's box, a frame, child's box; either box may be empty. */
static void row_draw(int page, const struct page_look *parent,
                     const struct page_look *frame, const struct page_look *child)
{
    char text[80], left[20] = "", right[20] = "";

    frame_draw(frame, text, sizeof(text));
    if (parent)
        snprintf(left, sizeof(left), "%c   %s", 'A' + page, parent->rights);
    if (child)
        snprintf(right, sizeof(right), "%c   %s", 'A' + page, child->rights);
    say("  | %-8s |%s[ %-40s ]%s| %-8s |", left, parent ? "-->" : "   ", text,
        child ? "<--" : "   ", right);
}

static void picture_draw(void)
{
    if (!told)
        return;
    say("    parent                     physical memory                      child");
    say("  +----------+%50s+----------+", "");
    for (int i = 0; i < PAGES; i++) {
        if (childs[i].frame == parents[i].frame) {
            row_draw(i, &parents[i], &parents[i], &childs[i]);
        } else {
            row_draw(i, &parents[i], &parents[i], NULL);
            if (childs[i].present)
                row_draw(i, NULL, &childs[i], &childs[i]);
        }
    }
    say("  +----------+%50s+----------+", "");
}

static bool shared(int page)
{
    return !told || parents[page].frame == childs[page].frame;
}

static bool apart(int page)
{
    return !told || parents[page].frame != childs[page].frame;
}

/* The child writes to C when told, then tells what it sees of the others. */
static int child_live(void *unused)
{
    (void)unused;
    turn_to_parent(&turns, 'r');
    turn_of_parent(&turns);
    child_faults[0] = 0; /* its page is there from now on */
    trace_note("the child writes C");
    long before = faults_now();
    region[C * PAGE] = 'c';
    child_faults[0] = faults_now() - before;
    turn_to_parent(&turns, 'w');
    turn_of_parent(&turns);
    return region[A * PAGE] == 'A' && region[B * PAGE] == 'B' && region[C * PAGE] == 'c'
               ? 0
               : 1;
}

static long write_counted(int page, char what)
{
    long before = faults_now();

    region[page * PAGE] = what;
    return faults_now() - before;
}

static void scene_two_pictures(pid_t child)
{
    title("1. After fork: nothing has been copied");
    turn_of_child(&turns);
    look(child);
    picture_draw();
    claim(shared(A) && shared(B) && shared(C), "three pages, three frames, two processes");

    title("2. The child writes to C");
    turn_to_child(&turns, 'w');
    turn_of_child(&turns);
    look(child);
    picture_draw();
    claim(child_faults[0] == 1, "the child took %ld fault for it", child_faults[0]);
    claim(apart(C) && shared(A) && shared(B), "C was copied; A and B are shared still");
    claim(region[C * PAGE] == 'C', "the parent's C is what it was");
}

static void scene_parent_writes(pid_t child)
{
    struct page_look before = parents[B];

    title("3. The parent writes to B: the other side may be first as well");
    trace_note("the parent writes B");
    long faults = write_counted(B, 'b');
    look(child);
    picture_draw();
    claim(faults == 1, "the parent took %ld fault for it", faults);
    claim(!told || (parents[B].frame != before.frame && childs[B].frame == before.frame),
          "the writer gets the copy; the child keeps the old frame");
}

static void scene_last_owner(pid_t child)
{
    struct page_look before = parents[A];

    title("4. The child has gone; the parent writes to A");
    trace_note("the child ends");
    turn_to_child(&turns, 'x');
    claim(child_wait(child) == 0, "the child saw A and B as they were at the fork");
    trace_note("the parent, alone with it, writes A");
    long faults = write_counted(A, 'a');
    look(0);
    picture_draw();
    claim(faults == 1, "%ld fault, since the pte was still read-only", faults);
    claim(!told || parents[A].frame == before.frame,
          "but no copy: the last owner keeps the frame");
    claim(write_counted(A, 'a') == 0, "the next write takes none");
}

static int child_exec(void *unused)
{
    char in[12], out[12];

    (void)unused;
    snprintf(in, sizeof(in), "%d", turns.to_child[0]);
    snprintf(out, sizeof(out), "%d", turns.to_parent[1]);
    execl("/proc/self/exe", "demo-cow", in, out, NULL);
    execlp("demo-cow", "demo-cow", in, out, NULL);
    return 127;
}

static void scene_exec(void)
{
    trace_note("fork, then exec: the child runs the program anew");
    long before = faults_now();
    pid_t child = child_start(child_exec, NULL);

    title("5. fork, then exec: a copy would have been for nothing");
    turn_of_child(&turns);
    look(child);
    picture_draw();
    claim(!told || !(childs[A].present || childs[B].present || childs[C].present),
          "the new program has none of the three pages");
    turn_to_child(&turns, 'x');
    claim(child_wait(child) == 0, "and it ran");
    long since = faults_now() - before;
    trace_note("the parent, alone again, writes A, B and C");
    long faults = write_counted(A, '1') + write_counted(B, '2') + write_counted(C, '3');
    claim(faults == 3, "the parent, alone again, writes all three: %ld faults, no copy",
          faults);
    say("  (starting and waiting cost the parent %ld faults of its own)", since);
}

static int child_reads(void *unused)
{
    (void)unused;
    turn_to_parent(&turns, 'r');
    turn_of_parent(&turns);
    return region[C * PAGE] == 'C' ? 0 : 1;
}

/* demo-cow --parent-first: this scene only. The parent writes at once, before the child has run at
 * all, while the processor is as fork left it. */
static void scene_parent_first(void)
{
    title("What if the parent writes to C first?");
    pid_t child = child_start(child_reads, NULL);
    long faults = write_counted(C, 'p');
    turn_of_child(&turns);
    look(child);
    picture_draw();
    claim(faults == 1, "the parent took %ld fault for it", faults);
    claim(apart(C) && shared(A) && shared(B), "C was copied; A and B are shared still");
    turn_to_child(&turns, 'x');
    claim(child_wait(child) == 0, "the child's C is what it was");
}

int main(int argc, char *argv[])
{
    bool parent_first = argc == 2 && strcmp(argv[1], "--parent-first") == 0;

    if (argc == 3) { /* the program of scene 5: say that we run, stay until told */
        char byte = 'e';
        return write(atoi(argv[2]), &byte, 1) == 1 && read(atoi(argv[1]), &byte, 1) == 1
                   ? 0
                   : 1;
    }
    child_faults = shared_page();
    region = region_map(PAGES);
    program_touch();
    trace_note("the parent writes A, B and C");
    for (int i = 0; i < PAGES; i++)
        region[i * PAGE] = 'A' + i;
    faults_now();
    turns_open(&turns);
    trace_note("fork: the child gets what the parent has");
    if (parent_first) {
        scene_parent_first();
    } else {
        pid_t child = child_start(child_live, NULL);
        scene_two_pictures(child);
        scene_parent_writes(child);
        scene_last_owner(child);
        scene_exec();
    }
    if (!told)
        cannot_tell("which frame holds which page");
    return demo_end();
}
