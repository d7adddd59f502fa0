/* held.h - a process held in the middle of a copy, for as long as a test likes.
 *
 * A copy to or from user memory may fault, and then sleep. /proc/PID/faults can make a process
 * wait at each of its faults, those of the kernel's copying for it too: so the test holds the
 * copy where it wants, lets others do theirs, and then lets go. What was kept across the copy
 * and should not have been shows every time, not once in a million.
 *
 * The program that is held is this one, started again: held_main runs the step of that name. */
#ifndef USER_LIB_HELD_H
#define USER_LIB_HELD_H

#include <stdbool.h>
#include <sys/types.h>

/* Pages of memory at a known address that nobody has touched; behind them there is nothing. */
#define HELD_PAGES 4
#define HELD_AT    0x345678900000ul

/* The page number `page` of them; 0 to HELD_PAGES, where there is nothing. */
char *held_page(int page);

/* What both sides see: words for whatever a test wants to say. When a step starts they are
 * zero, up to HELD_GIVEN; from there on they are as the test left them. */
enum { HELD_READY, HELD_ACT, HELD_ACTED, HELD_FREE, HELD_GIVEN = 100 };
extern volatile long *held_words;

struct held_step {
    const char *name;
    int (*run)(void); /* its value is the exit status */
};

/* First in main: if this is the program that is held, run the step and end. */
void held_main(int argc, char **argv, const struct held_step *steps);

struct held {
    pid_t process;
    int watch;
};

/* Page 1, which begins with the text and has to be fetched all the same. */
char *held_text(const char *text);

/* Before all else, in the test: held_words is there. */
void held_begin(void);

/* Start the step, and let it run until it faults at an address (or on a backing) that
 * `where` is part of the line of, as /proc/PID/faults writes it: it waits there. Files that
 * are open stay open in it. */
struct held held_start(const char *step, const char *where);
/* The same at a page of HELD_AT. */
struct held held_start_at(const char *step, int page);
/* Let it go on. */
void held_go(struct held *held);
/* The same, and its wait status. */
int held_end(struct held *held);

/* Somebody else, in a child, does its step and ends, or waits for what the held one has. */
pid_t beside_start(int (*step)(void));
/* Has it ended? Asked once it does not run any more. */
bool beside_ended(pid_t process);

/* A second thread of the held program, that faults no more once it has begun: when the test
 * says held_words[HELD_ACT] = 1 it does its step, and says so in held_words[HELD_ACTED]. */
void held_thread(void (*step)(void));
/* Have that thread do it; returns when it is done, or waits for what the held one has. */
void held_thread_act(void);

/* Hold `step` at page 1; have `beside` do its own until it ends or has to wait; let go. Whether it
 * waited. */
bool held_meet(const char *step, int (*beside)(void));
/* Open the file under this number, which all steps know; made if need be, with rights 0600. */
void held_open(int number, const char *path, int flags);

#endif
