/* typed.c - what is typed, and two who read it: each line, and each read's characters,
 * in one piece; and who is told of it by a signal.
 *
 * Wants a terminal, and somebody who types when a line of its output asks for it
 * (tests/test_terminal.py). */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK   256 /* the kernel copies so many characters at once */
#define LINE    301
#define SEEN    10 /* held_words: what the steps saw */
#define BESIDE  20
#define AT_ONCE 30

static char bytes[4096]; /* of the one beside: touched before */

static void typed_wait(const char *what, int characters)
{
    int have = 0;

    note("type %s", what);
    while (have < characters)
        if (ioctl(0, FIONREAD, &have) != 0)
            bail("FIONREAD");
}

/* So many characters, all of them `what`. */
static bool is_all(const char *text, long length, char what)
{
    for (long i = 0; i < length; i++)
        if (text[i] != what)
            return false;
    return true;
}

static void see(long *seen, const char *text, long length)
{
    seen[0] = length;
    seen[1] = length > 1 && is_all(text, length - 1, text[0]) ? text[0] : 0;
}

/* --- Lines ------------------------------------------------------------------------------- */

/* It comes into a page that has to be fetched: what does not fit a chunk is still to be taken. */
static int line_held(void)
{
    see((long *)&held_words[SEEN], held_page(1), read(0, held_page(1), 2 * CHUNK));
    return 0;
}

static int line_beside(void)
{
    see((long *)&held_words[BESIDE], bytes, read(0, bytes, 2 * CHUNK));
    return 0;
}

/* By an open file of its own that does not wait. */
static int line_at_once(void)
{
    char byte;
    int terminal = open("/dev/tty", O_RDONLY | O_NONBLOCK);

    held_words[AT_ONCE] = read(terminal, &byte, 1) < 0 ? errno : 0;
    close(terminal);
    return 0;
}

/* In two pieces, the second of which has to be fetched. */
static int pieces_held(void)
{
    char first;
    struct iovec parts[2] = {{&first, 1}, {held_page(1), 2 * CHUNK}};
    long length = readv(0, parts, 2);

    see((long *)&held_words[SEEN], held_page(1), length - 1);
    held_words[SEEN] += 1;
    return 0;
}

static void test_lines(const char *step)
{
    typed_wait("two lines", 2 * LINE);
    struct held held = held_start_at(step, 1);
    pid_t other = beside_start(line_beside);
    check(!beside_ended(other), "%s: another reader waits", step);
    pid_t hasty = beside_start(line_at_once);
    check(beside_ended(hasty) && held_words[AT_ONCE] == EAGAIN,
          "%s: who does not wait is told so: EAGAIN", step);
    held_end(&held);
    if (!beside_ended(other)) /* for a line that is not there */
        kill(other, SIGKILL);
    child_wait(other);
    check(held_words[SEEN] == LINE && held_words[SEEN + 1] == 'a',
          "who is reading has the first line, whole");
    check(held_words[BESIDE] == LINE && held_words[BESIDE + 1] == 'b',
          "who waited the second");
}

static void test_short_lines(void)
{
    char first[2], rest[8];
    struct iovec parts[2] = {{first, 2}, {rest, sizeof(rest)}};

    typed_wait("short lines", 4);
    check(readv(0, parts, 2) == 2 && memcmp(first, "a\n", 2) == 0,
          "a line that fills the first piece is all that readv gets");
    tcflush(0, TCIFLUSH);
}

/* --- Characters ---------------------------------------------------------------------------- */

/* All but two of 300. */
static int characters_held(void)
{
    see((long *)&held_words[SEEN], held_page(1), read(0, held_page(1), 298));
    return 0;
}

static int characters_beside(void)
{
    see((long *)&held_words[BESIDE], bytes, read(0, bytes, 8));
    return 0;
}

/* Who wants four at least does not get the two that another reader has left. */
static void test_characters(void)
{
    struct termios before, settings;

    if (tcgetattr(0, &before) != 0)
        bail("tcgetattr");
    settings = before;
    settings.c_lflag &= ~(ICANON | ECHO);
    settings.c_cc[VMIN] = 4;
    settings.c_cc[VTIME] = 0;
    tcsetattr(0, TCSANOW, &settings);
    typed_wait("characters", 300);
    struct held held = held_start_at("characters", 1);
    pid_t other = beside_start(characters_beside);
    check(!beside_ended(other), "who wants characters waits for another reader");
    held_end(&held);
    check(held_words[SEEN] == 298 && held_words[SEEN + 1] == 'c', "who has all it wanted");
    check(!beside_ended(other), "and for as many as it wants at least");
    note("type two more");
    child_wait(other);
    check(held_words[BESIDE] == 4 && held_words[BESIDE + 1] == 'c', "which it then has");
    tcsetattr(0, TCSANOW, &before);
}

/* Without an owner, it is the group that has the terminal. */
static void test_signal(void)
{
    char line[8];
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set), sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    fcntl(0, F_SETSIG, SIGUSR1);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_ASYNC);
    note("type one line");
    check(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == POLL_IN && info.si_fd == 0,
          "a line is told by a signal");
    check(read(0, line, sizeof(line)) == 2 && line[0] == 'd', "and is there");
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) & ~O_ASYNC);
}

static const struct held_step steps[] = {
    {"line", line_held},
    {"pieces", pieces_held},
    {"characters", characters_held},
    {NULL, NULL},
};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline() || !isatty(0)) {
        check_skip("needs a terminal and /proc/PID/faults", "two readers of a terminal");
        return tap_end();
    }
    held_begin();
    memset(bytes, 0, sizeof(bytes));
    test_lines("line");
    test_lines("pieces");
    test_short_lines();
    test_characters();
    test_signal();
    return tap_end();
}
