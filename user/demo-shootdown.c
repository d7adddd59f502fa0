/* demo-shootdown.c - who may remember a translation, and what comes of it if nobody tells him.
 *
 * A thread on another processor reads one page all the time, and never calls the kernel. The
 * page is unmapped, and its frame becomes another process's, which writes something into it. The
 * thread's processor remembers where the page was; so it has to be told before the frame is free.
 * That is a shootdown. Started with `--param shootdown=0` the kernel leaves it out, and the thread
 * reads what is none of its business. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/demo.h"
#include "user/lib/processor.h"
#include "user/lib/trace_note.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BEHIND = 300, SPARE = 250 }; /* pages */

#define OURS   0x5550000000000001ul
#define SECRET 0x7ec7e70000000042ul

/* --- The thread that never calls the kernel -------------------------------------------------- */

static volatile unsigned long *page;
static volatile unsigned long last; /* what it has read last, and how often it has read */
static volatile long reads;
static volatile int refused, over;
static sigjmp_buf back;

static void on_fault(int signal)
{
    (void)signal;
    siglongjmp(back, 1);
}

static void *watch(void *unused)
{
    run_on(1);
    if (sigsetjmp(back, 1) == 0)
        while (!over) {
            last = *page;
            reads++;
        }
    else
        refused = 1;
    return unused;
}

/* Until it has read so often more, or reads no more. */
static void await_reads(long more)
{
    for (long end = reads + more; reads < end && !refused;)
        sched_yield();
}

/* --- The other process ---------------------------------------------------- */

static struct turns turns;

/* It takes nearly all frames that are free, so that the one is among them. */
static int child_takes_frames(void *unused)
{
    (void)unused;
    long pages = memory_free() / (PAGE / 1024) - SPARE;
    char *own = region_map(pages);
    for (long i = 0; i < pages; i++)
        *(volatile unsigned long *)(own + i * PAGE) = SECRET;
    turn_to_parent(&turns, 'w');
    turn_of_parent(&turns);
    return 0;
}

/* --- The story ---------------------------------------------------- */

/* So often another processor had to hear of a change; and so often one was interrupted for it. */
static long asked(void)
{
    return value_read("/proc/vmstat", "nr_tlb_remote_flush");
}

static long interrupted(void)
{
    return value_read("/proc/vmstat", "nr_tlb_remote_flush_received");
}

/* True: the kernel has told nobody. */
static bool scene_unmapped(void)
{
    title("A page is unmapped while another processor reads it");
    page = (volatile unsigned long *)region_map(1);
    char *behind = region_map(BEHIND);
    for (int i = 0; i < BEHIND; i++)
        behind[i * PAGE] = 1;
    *page = OURS;
    pthread_t thread;
    pthread_create(&thread, NULL, watch, NULL);
    await_reads(1000);
    say("  a thread on processor 1 has read %#lx there, %s", last,
        "a thousand times and more");
    long before = asked(), before_interrupts = interrupted();
    trace_note("the page is unmapped; a thread on another processor reads it");
    munmap((void *)page, PAGE);
    await_reads(1000); /* before anything else may be mapped there */
    bool without = asked() == before;
    long interrupts = interrupted() - before_interrupts;
    munmap(behind, BEHIND * PAGE); /* these frames are used after the page's */
    if (without) {
        say("  the kernel has told nobody");
        claim(!refused, "so the thread reads on, where there is no page any more");
    } else {
        say("  the kernel has asked that processor to forget it; %s",
            interrupts > 0 ? "it was interrupted"
                           : "it was in the kernel, and forgets on its way out");
        claim(refused, "and the thread's next read was refused (SIGSEGV)");
    }
    trace_note("another process takes the frames that are free, and writes to them");
    turns_open(&turns);
    pid_t other = child_start(child_takes_frames, NULL);
    turn_of_child(&turns);
    if (without) {
        await_reads(1000);
        claim(last == SECRET, "what it reads now is another process's: %#lx", last);
    } else {
        claim(last == OURS,
              "what another process writes into that frame, it never sees: %#lx", last);
    }
    over = 1;
    pthread_join(thread, NULL);
    turn_to_child(&turns, 'x');
    child_wait(other);
    return without;
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_fault};

    setvbuf(stdout, NULL, _IOLBF, 0);
    sigaction(SIGSEGV, &action, NULL);
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        title("A page is unmapped while another processor reads it");
        say("  There is one processor here, and what it remembers it forgets itself.");
        cannot_tell("what others remember (tools/boot --cpus 2)");
        return demo_end();
    }
    run_on(0);
    if (scene_unmapped())
        say("\n  Without shootdown=0 the thread is stopped at once.");
    else
        say("\n  With `--param shootdown=0` the kernel leaves that out: try it.");
    return demo_end();
}
