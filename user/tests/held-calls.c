/* held-calls.c - calls held in the middle of a copy, while what they are about changes.
 *
 * As held-files.c: a process is held (user/lib/held.h), and meanwhile another one, or a second
 * thread of its own, does something. What is told is what was at one moment. (What ends
 * meanwhile: held-ends.c.) */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096l

/* held_words */
enum { SEEN = HELD_FREE, WHY, PART, WHO = HELD_GIVEN };
/* Descriptors that all steps know. */
enum { FILE_A = 800, FILE_B };

static void open_as(int number, const char *path, int flags)
{
    int file = open(path, flags, 0600);

    if (file < 0 || dup2(file, number) != number)
        bail(path);
    close(file);
}

/* The result of a call, for the test to see. */
static int tell(long result)
{
    held_words[WHY] = errno;
    held_words[SEEN] = result;
    return 0;
}

static bool told(long result, int why)
{
    return held_words[SEEN] == result && (result != -1 || held_words[WHY] == why);
}

/* `length` bytes, the last of which lie on page 1, which has to be fetched. */
static void *across(size_t before)
{
    *held_page(0) = 0;
    return held_page(1) - before;
}

/* --- What is told is of one moment ---------------------------------------------------- */

struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    unsigned long mask;
};

static void handler_one(int number)
{
    (void)number;
}

static void handler_two(int number)
{
    (void)number;
}

static struct kernel_action one = {handler_one, 0x4000000, NULL, 1ul << SIGUSR1},
                            two = {handler_two, 0x4000000, NULL, 1ul << SIGUSR2};

static void action_change(void)
{
    raw6(SYS_rt_sigaction, SIGHUP, (long)&two, 0, 8, 0, 0);
}

static int action_held(void)
{
    struct kernel_action *old = across(16);

    raw6(SYS_rt_sigaction, SIGHUP, (long)&one, 0, 8, 0, 0);
    held_thread(action_change);
    tell(raw6(SYS_rt_sigaction, SIGHUP, 0, (long)old, 8, 0, 0));
    held_words[PART] = (old->handler == one.handler) == (old->mask == one.mask);
    return 0;
}

static int settings_held(void)
{
    struct termios *settings = across(8);

    held_words[SEEN] = ioctl(FILE_A, TCGETS, settings);
    held_words[PART] = settings->c_iflag & IUTF8 ? 2 : 1;
    held_words[PART + 1] = settings->c_cc[VTIME] == 77 ? 2 : 1;
    return 0;
}

static void test_settings(void)
{
    struct termios before, changed;

    open_as(FILE_A, "/dev/console", O_RDWR | O_NOCTTY);
    if (ioctl(FILE_A, TCGETS, &before) != 0)
        bail("TCGETS");
    changed = before;
    changed.c_iflag ^= IUTF8;
    changed.c_cc[VTIME] = 77;
    struct held held = held_start_at("settings", 1);
    ioctl(FILE_A, TCSETS, &changed);
    held_end(&held);
    ioctl(FILE_A, TCSETS, &before);
    check(told(0, 0) && held_words[PART + 1] == 1 &&
              held_words[PART] == (before.c_iflag & IUTF8 ? 2 : 1),
          "a terminal's settings, while others set them");
}

/* capget(2), version 3 */
struct sets_head {
    uint32_t version;
    int process;
};
struct sets {
    uint32_t effective, permitted, inheritable;
};
#define SETS_VERSION 0x20080522u

static int sets_drop(void *argument)
{
    struct sets_head head = {SETS_VERSION, 0};
    struct sets none[2] = {{0, 0, 0}, {0, 0, 0}};

    while (!held_words[HELD_ACT])
        usleep(1000);
    held_words[HELD_ACTED] = 1 + syscall(SYS_capset, &head, none);
    (void)argument;
    for (;;)
        pause();
    return 0;
}

static int sets_held(void)
{
    struct sets_head head = {SETS_VERSION, (int)held_words[WHO]};
    struct sets *sets = across(8); /* in the middle of the first */

    held_words[SEEN] = syscall(SYS_capget, &head, sets);
    held_words[PART] = (sets[0].permitted != 0) == (sets[1].permitted != 0);
    return 0;
}

static void test_moment(void)
{
    struct held held = held_start_at("action", 1);
    held_thread_act();
    check(held_end(&held) == 0 && told(0, 0) && held_words[PART] == 1,
          "what a signal does, while another thread changes it");
    test_settings();
    held_words[WHO] = child_start(sets_drop, NULL);
    held = held_start_at("sets", 1);
    held_thread_act();
    check(held_end(&held) == 0 && held_words[HELD_ACTED] == 1 && held_words[PART] == 1,
          "capabilities, while their owner gives them up");
    kill((pid_t)held_words[WHO], SIGKILL);
    child_wait((pid_t)held_words[WHO]);
}

/* --- Descriptors that another thread closes ------------------------------------------- */

static void lock_close(void)
{
    close(FILE_A);
}

/* The structure is all zeroes: a lock for reading, on the whole file. */
static int lock_held(void)
{
    held_thread(lock_close);
    tell(fcntl(FILE_A, F_SETLK, held_page(1)));
    if (fork() == 0) {
        struct flock lock = {.l_type = F_WRLCK};
        held_words[PART] = fcntl(FILE_B, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK;
        _exit(0);
    }
    wait(NULL);
    return 0;
}

static int program_held(void)
{
    held_thread(lock_close);
    return tell(syscall(SYS_execveat, FILE_A, held_text("no-such-program"), NULL, NULL, 0));
}

static int lowest(void)
{
    int number = dup(0);

    close(number);
    return number;
}

static void number_take(void)
{
    close((int)held_words[WHO]);
    open("/test", O_RDONLY);
}

/* Only the first of the two numbers has a place. */
static int numbers_held(void)
{
    struct stat what;

    held_words[WHO] = lowest();
    held_thread(number_take);
    tell(pipe((int *)held_page(HELD_PAGES) - 1));
    held_words[PART] = fstat((int)held_words[WHO], &what) == 0 && S_ISDIR(what.st_mode);
    return 0;
}

/* Another thread guesses the number of a timer that is being made, and makes its own. */
static int timer_taken;

static void timer_take(void)
{
    held_words[WHO] = timer_delete((timer_t)0) == 0;
    held_words[PART] = syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer_taken);
}

/* Only half of the number has a place. */
static int timer_held(void)
{
    struct itimerspec left;

    held_thread(timer_take);
    tell(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, held_page(HELD_PAGES) - 2));
    held_words[PART] |= syscall(SYS_timer_gettime, timer_taken, &left);
    return 0;
}

static void test_untold(void)
{
    struct held held = held_start_at("timer", HELD_PAGES - 1);

    held_thread_act();
    check(held_end(&held) == 0 && told(-1, EFAULT),
          "timer_create has nowhere to put its number");
    check(held_words[WHO] == 0, "nobody else ends a timer whose number nobody knows");
    check(held_words[PART] == 0, "nor is another's taken back in its place");
}

static void test_closed(void)
{
    open_as(FILE_A, "held-lock", O_RDWR | O_CREAT);
    open_as(FILE_B, "held-lock", O_RDWR);
    struct held held = held_start_at("lock", 1);
    held_thread_act();
    check(held_end(&held) == 0 && told(-1, EBADF) && held_words[PART] == 1,
          "a lock on a file that is being closed is none");
    open_as(FILE_A, ".", O_RDONLY | O_DIRECTORY);
    held = held_start_at("program", 1);
    held_thread_act();
    check(held_end(&held) == 0 && told(-1, EBADF),
          "a program in a directory that is being closed is nowhere");
    held = held_start_at("numbers", HELD_PAGES - 1);
    held_thread_act();
    check(held_end(&held) == 0 && told(-1, EFAULT), "pipe has nowhere to put its numbers");
    check(held_words[PART] == 1, "and takes back only what is its own");
}

/* --- A vector that changes ------------------------------------------------------------ */

#define PARTS 40
static struct iovec parts[PARTS];

static void vector_change(void)
{
    for (int i = 1; i < PARTS; i++)
        parts[i].iov_len = 0;
}

static int vector_held(void)
{
    for (int i = 0; i < PARTS; i++)
        parts[i] = (struct iovec){i == 0 ? held_page(1) : "x", 1};
    held_thread(vector_change);
    return tell(writev(FILE_A, parts, PARTS));
}

static void test_vector(void)
{
    open_as(FILE_A, "held-vector", O_RDWR | O_CREAT | O_TRUNC);
    struct held held = held_start_at("vector", 1);
    held_thread_act();
    check(held_end(&held) == 0 && told(PARTS, 0), "a vector counts as it was at first");
}

/* --- A word that becomes another file's ----------------------------------------------- */

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

static void *word_map(int file, void *place)
{
    void *word = mmap(place, PAGE, PROT_READ | PROT_WRITE,
                      MAP_SHARED | (place ? MAP_FIXED : 0), file, 0);

    if (word == MAP_FAILED)
        bail("mmap");
    return word;
}

static void word_replace(void)
{
    word_map(FILE_B, held_page(1));
}

static int word_held(void)
{
    word_map(FILE_A, held_page(1));
    held_thread(word_replace);
    return raw6(SYS_futex, (long)held_page(1), FUTEX_WAIT, 0, 0, 0, 0) == 0 ? 0 : 1;
}

/* Who waits for a word that had to be fetched waits for what it was when it was read. */
static void test_word(void)
{
    open_as(FILE_A, "held-word", O_RDWR | O_CREAT | O_TRUNC);
    open_as(FILE_B, "held-other", O_RDWR | O_CREAT | O_TRUNC);
    if (ftruncate(FILE_A, PAGE) != 0 || ftruncate(FILE_B, PAGE) != 0)
        bail("ftruncate");
    void *word = word_map(FILE_B, NULL);
    struct held held = held_start_at("word", 1);
    held_thread_act();
    held_go(&held);
    check(!beside_ended(held.process), "a word that is replaced while it is fetched");
    check_equal(raw6(SYS_futex, (long)word, FUTEX_WAKE, 1, 0, 0, 0), 1,
                "is the one that is there now");
    kill(held.process, SIGKILL);
    child_wait(held.process);
    munmap(word, PAGE);
    unlink("held-word");
    unlink("held-other");
}

/* --- Two who look on ------------------------------------------------------------------ */

static char line[4 * PAGE];

static int watch_held(void)
{
    return tell(read(FILE_A, held_page(1), PAGE));
}

static int watch_beside(void)
{
    held_words[PART] = read(FILE_A, line, sizeof(line));
    return 0;
}

/* A program to look at, quiet and not begun: go[1] begins it. */
static pid_t watched_start(int go[2])
{
    char path[64], byte;

    if (pipe(go) != 0)
        bail("pipe");
    pid_t child = fork();
    if (child == 0) {
        if (read(go[0], &byte, 1) == 1 && dup2(open("/dev/null", O_WRONLY), 1) == 1)
            execl("/bin/one-fault", "one-fault", NULL);
        _exit(1);
    }
    snprintf(path, sizeof(path), "/proc/%d/faults", child);
    open_as(FILE_A, path, O_RDWR);
    return child;
}

static void test_watch(void)
{
    int go[2];
    pid_t child = watched_start(go);

    fcntl(FILE_A, F_SETFL, O_NONBLOCK);
    check(read(FILE_A, line, PAGE) == -1 && errno == EAGAIN,
          "O_NONBLOCK: no fault to tell of yet");
    check(lseek(FILE_A, 0, SEEK_SET) == -1 && errno == ESPIPE, "it has no position");
    fcntl(FILE_A, F_SETFL, 0);
    if (write(go[1], "g", 1) != 1)
        bail("write");
    if (!beside_ended(child))
        bail("its faults do not fit");
    struct held held = held_start_at("watch", 1);
    pid_t other = beside_start(watch_beside);
    check(!beside_ended(other), "a second reader waits for the first");
    check(held_end(&held) == 0 && child_wait(other) == 0 && held_words[SEEN] > 0 &&
              held_words[PART] == 0,
          "two who look on: each line once");
    close(go[0]);
    close(go[1]);
    child_wait(child);
}

static const struct held_step steps[] = {
    {"action", action_held},
    {"settings", settings_held},
    {"sets", sets_held},
    {"lock", lock_held},
    {"program", program_held},
    {"numbers", numbers_held},
    {"vector", vector_held},
    {"word", word_held},
    {"watch", watch_held},
    {"timer", timer_held},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "calls in the middle of a copy");
        return tap_end();
    }
    held_begin();
    test_moment();
    test_closed();
    test_untold();
    test_vector();
    test_word();
    test_watch();
    return tap_end();
}
