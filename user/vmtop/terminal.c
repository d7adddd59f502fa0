/* terminal.c - the terminal under vmtop's picture: keys without Enter, no cursor; and all is as it
 * was when we end. */
#define _GNU_SOURCE
#include "user/vmtop/terminal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* Signals that change or end the picture. They are let in only while we wait between two
 * pictures, so that none is drawn by halves. */
static const int awaited[] = {SIGWINCH, SIGTSTP, SIGINT, SIGTERM, SIGQUIT, SIGHUP};

static struct termios terminal;
static bool terminal_ours;           /* it is changed, and is to be put back */
static volatile sig_atomic_t caught; /* of `awaited`; 0: none */
static sigset_t outside;             /* the signals that were blocked before us */

static void terminal_begin(void)
{
    if (tcgetattr(STDIN_FILENO, &terminal) == 0) {
        struct termios raw = terminal;
        raw.c_lflag &= ~(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    fputs("\033[?25l\033[2J", stdout);
    terminal_ours = true;
}

/* The settings, the colours and the cursor as they were; nothing, if they are. */
static void terminal_end(void)
{
    if (!terminal_ours)
        return;
    terminal_ours = false;
    tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
    fputs("\033[0m\033[?25h\n", stdout);
    fflush(stdout);
}

/* A new size of the terminal is not worth more than the end. */
static void on_signal(int number)
{
    if (number != SIGWINCH || !caught)
        caught = number;
}

static void signals_listen(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(awaited) / sizeof(awaited[0]); i++) {
        sigaction(awaited[i], &action, NULL);
        sigaddset(&blocked, awaited[i]);
    }
    sigprocmask(SIG_BLOCK, &blocked, &outside);
}

/* Do what the signal does to any program, with the terminal put back before. Comes back from a
 * stop, when we go on; from all others never. */
static void signal_obey(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, ours;
    sigset_t only;

    terminal_end();
    sigaction(number, &action, &ours);
    raise(number);
    sigemptyset(&only);
    sigaddset(&only, number);
    sigprocmask(SIG_UNBLOCK, &only, NULL); /* here it stops, or ends us */
    sigprocmask(SIG_BLOCK, &only, NULL);
    sigaction(number, &ours, NULL);
    terminal_begin();
}

/* Take the key that was pressed, and no more: what is typed behind it is for whoever reads next.
 * An arrow's or a function key's bytes come together: ESC, [ or O, numbers, and one byte more. */
static void key_take(void)
{
    struct pollfd rest = {.fd = STDIN_FILENO, .events = POLLIN};
    char byte;

    if (read(STDIN_FILENO, &byte, 1) != 1 || byte != '\033')
        return;
    while (poll(&rest, 1, 0) > 0 && read(STDIN_FILENO, &byte, 1) == 1)
        if (byte != '[' && byte != 'O' && byte >= '@')
            return;
}

bool terminal_wait(const struct timespec *rest)
{
    struct pollfd key = {.fd = STDIN_FILENO, .events = POLLIN};

    caught = 0;
    if (ppoll(&key, 1, rest, &outside) > 0) {
        key_take();
        return false;
    }
    if (caught == SIGWINCH)
        fputs("\033[2J", stdout);
    else if (caught)
        signal_obey(caught);
    return true;
}

void terminal_take(void)
{
    atexit(terminal_end); /* whatever ends us */
    signals_listen();
    terminal_begin();
}
