/* device.c - /dev/null, zero and urandom; the terminal where there is one. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <termios.h>
#include <unistd.h>

static void test_null(void)
{
    char bytes[10];
    int fd = open("/dev/null", O_RDWR);

    check(fd >= 0, "/dev/null opens");
    check_equal(read(fd, bytes, 10), 0, "it is empty");
    check_equal(write(fd, bytes, 10), 10, "and takes everything");
    close(fd);
}

static void test_zero(void)
{
    static char bytes[10000];
    int fd = open("/dev/zero", O_RDWR);
    long sum = 0;

    memset(bytes, 1, sizeof(bytes));
    check_equal(read(fd, bytes, sizeof(bytes)), sizeof(bytes),
                "/dev/zero gives all asked for");
    for (unsigned i = 0; i < sizeof(bytes); i++)
        sum += bytes[i];
    check_equal(sum, 0, "zeroes");
    char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (page == MAP_FAILED) {
        check(false, "/dev/zero can be mapped");
    } else {
        check(page[5] == 0 && (page[5] = 1) == 1, "mapped it is private memory");
        munmap(page, PAGE);
    }
    close(fd);
}

static void test_full(void)
{
    char byte;
    int fd = open("/dev/full", O_RDWR), from = open("/proc/self/exe", O_RDONLY);

    check(read(fd, &byte, 1) == 1 && byte == 0, "/dev/full gives zeroes");
    check(fails(write(fd, &byte, 1), ENOSPC), "and takes nothing");
    check(fails(write(fd, &byte, 0), ENOSPC), "not even no bytes");
    check(fails(sendfile(fd, from, NULL, 1), EINVAL), "nothing can be sent to it");
    close(fd), close(from);
}

static void test_random(void)
{
    unsigned char one[64] = {0}, two[64] = {0};
    int seen[256] = {0}, different = 0;
    int fd = open("/dev/urandom", O_RDONLY);

    check_equal(read(fd, one, 64), 64, "/dev/urandom gives all asked for");
    check(read(fd, two, 64) == 64 && memcmp(one, two, 64) != 0, "never the same twice");
    for (int i = 0; i < 64; i++)
        different += !seen[one[i]]++;
    check(different > 32, "of many values");
    check(getrandom(two, 64, 0) == 64 && memcmp(one, two, 64) != 0, "getrandom");
    check_equal(raw3(SYS_getrandom, (long)two, 64, 0x80), -EINVAL, "unknown flags: EINVAL");
    close(fd);
}

static void test_terminal(void)
{
    struct termios modes, raw, again;
    struct winsize size;
    int null = open("/dev/null", O_RDONLY), tty = open("/dev/tty", O_RDWR);

    check(ioctl(null, TCGETS, &modes) == -1 && errno == ENOTTY, "/dev/null is no terminal");
    close(null);
    if (tty < 0) {
        check_skip("no controlling terminal", "the terminal");
        return;
    }
    check(tcgetattr(tty, &modes) == 0 && (modes.c_lflag & ICANON),
          "a terminal edits lines");
    raw = modes;
    cfmakeraw(&raw);
    check(tcsetattr(tty, TCSANOW, &raw) == 0 && tcgetattr(tty, &again) == 0 &&
              !(again.c_lflag & (ICANON | ECHO)),
          "unless told not to");
    tcsetattr(tty, TCSANOW, &modes);
    check(ioctl(tty, TIOCGWINSZ, &size) == 0, "it has a size");
    check(tcgetpgrp(tty) > 0, "and a foreground group");
    close(tty);
}

int main(void)
{
    test_null();
    test_zero();
    test_full();
    test_random();
    test_terminal();
    return tap_end();
}
