/* held-streams.c - streams while somebody is in the middle of reading or writing them.
 *
 * As held-files.c, of what has no position: pipes, sockets, texts of /proc, terminals. What one
 * call reads, or puts in, is in one piece. */
#define _GNU_SOURCE
#include "user/lib/held.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE   4096l
#define SEEN   10 /* held_words: what the steps saw */
#define BESIDE 20

/* Descriptors that all steps know. */
enum { FILE_A = 800, FILE_B, ENDS, ENDS_WRITE };

static char bytes[PAGE]; /* of the one beside: touched before */

/* --- Pipes ------------------------------------------------------------------------------- */

static int pipe_held(void)
{
    struct iovec parts[3] = {{"[", 1}, {held_page(1), 1}, {"]", 1}};

    return writev(ENDS_WRITE, parts, 3) == 3 ? 0 : 1;
}

static int pipe_beside(void)
{
    return write(ENDS_WRITE, "b", 1) == 1 ? 0 : 1;
}

static int pipe_read_held(void)
{
    held_words[SEEN] = read(ENDS, held_page(1), 4);
    held_words[SEEN + 1] = held_page(1)[0];
    return 0;
}

static int pipe_read_beside(void)
{
    held_words[BESIDE] = read(ENDS, bytes, 4);
    held_words[BESIDE + 1] = bytes[0];
    return 0;
}

/* In three pieces, the second of which has to be fetched. */
static int pipe_readv_held(void)
{
    char first, last;
    struct iovec parts[3] = {{&first, 1}, {held_page(1), 2}, {&last, 1}};

    held_words[SEEN] = readv(ENDS, parts, 3);
    held_words[SEEN + 1] =
        first == last && held_page(1)[0] == first && held_page(1)[1] == first ? first : 0;
    return 0;
}

static void test_ends(const char *what, const int ends[2])
{
    if (dup2(ends[0], ENDS) < 0 || dup2(ends[1], ENDS_WRITE) < 0)
        bail(what);
    held_meet("pipe", pipe_beside);
    check(read(ENDS, bytes, 9) == 4 && memcmp(bytes, "[\0]b", 4) == 0,
          "a small writev to a %s is in one piece", what);
    if (write(ENDS_WRITE, "11112222", 8) != 8)
        bail("write");
    held_meet("pipe readv", pipe_read_beside);
    check(held_words[SEEN] == 4 && held_words[BESIDE] == 4 &&
              held_words[SEEN + 1] + held_words[BESIDE + 1] == '1' + '2',
          "and so is what a readv gets of it");
}

/* --- Packets ------------------------------------------------------------------------------ */

static int packet_held(void)
{
    return write(ENDS_WRITE, held_page(1), 3) == 3 ? 0 : 1;
}

static int packet_beside(void)
{
    return write(ENDS_WRITE, "bb", 2) == 2 ? 0 : 1;
}

/* Each is read by one reader, whole, and nothing of two of them is mixed. */
static void test_packets(void)
{
    int ends[2];

    if (pipe2(ends, O_DIRECT) != 0 || dup2(ends[0], ENDS) < 0 ||
        dup2(ends[1], ENDS_WRITE) < 0)
        bail("pipe2");
    check(held_meet("packet", packet_beside),
          "a packet waits for one that is being put in");
    check(read(ENDS, bytes, 9) == 3 && memcmp(bytes, "\0\0\0", 3) == 0 &&
              read(ENDS, bytes, 9) == 2 && memcmp(bytes, "bb", 2) == 0,
          "and both are whole");
    if (write(ENDS_WRITE, "1111", 4) != 4 || write(ENDS_WRITE, "2222", 4) != 4)
        bail("write");
    held_meet("pipe read", pipe_read_beside);
    check(held_words[SEEN] == 4 && held_words[BESIDE] == 4 &&
              held_words[SEEN + 1] + held_words[BESIDE + 1] == '1' + '2',
          "two readers of packets: each packet once");
}

static void test_pipe(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        bail("socketpair");
    test_ends("socket", ends);
    if (pipe(ends) != 0)
        bail("pipe");
    test_ends("pipe", ends);
    if (write(ENDS_WRITE, "11112222", 8) != 8)
        bail("write");
    held_meet("pipe read", pipe_read_beside);
    check(held_words[SEEN] == 4 && held_words[BESIDE] == 4 &&
              held_words[SEEN + 1] + held_words[BESIDE + 1] == '1' + '2',
          "two readers of a pipe: each byte once");
}

/* --- Texts, and what is put out ---------------------------------------------------------- */

static int text_held(void)
{
    held_words[SEEN] =
        pread(FILE_A, held_page(1), 8, 0) == 8 && memcmp(held_page(1), "MemTotal", 8) == 0;
    return 0;
}

static int text_beside(void)
{
    held_words[BESIDE] =
        pread(FILE_A, bytes, 8, 0) == 8 && memcmp(bytes, "MemTotal", 8) == 0;
    return 0;
}

/* Two words of the table of frames. */
static int words_held(void)
{
    return read(FILE_A, held_page(1), 16) == 16 ? 0 : 1;
}

static int words_beside(void)
{
    return read(FILE_A, bytes, 16) == 16 ? 0 : 1;
}

/* A line of output that has to be fetched, between two that need not. */
static int output_held(void)
{
    struct iovec parts[3] = {{"\n", 1}, {held_text("\n"), 1}, {"\n", 1}};

    return writev(FILE_A, parts, 3) == 3 ? 0 : 1;
}

static int output_beside(void)
{
    return write(FILE_A, "\n", 1) == 1 ? 0 : 1;
}

static int output_again(void)
{
    return write(FILE_B, "\n", 1) == 1 ? 0 : 1;
}

static void test_others(void)
{
    held_open(FILE_A, "/proc/meminfo", O_RDONLY);
    check(held_meet("text", text_beside) && held_words[SEEN] && held_words[BESIDE],
          "a text of /proc is taken down anew when nobody reads the old one");
    held_open(FILE_A, "/proc/kpagecount", O_RDONLY);
    check(held_meet("words", words_beside) && lseek(FILE_A, 0, SEEK_CUR) == 32,
          "two readers of the table of frames: each word once");
    held_open(FILE_A, "/dev/console", O_WRONLY | O_NOCTTY);
    check(held_meet("output", output_beside),
          "a terminal puts out one call's bytes together");
    held_open(FILE_A, "/dev/hostout", O_WRONLY);
    held_open(FILE_B, "/dev/hostout", O_WRONLY);
    check(held_meet("host output", output_again), "and so does the way to the host");
}

static const struct held_step steps[] = {
    {"pipe", pipe_held},     {"pipe read", pipe_read_held}, {"pipe readv", pipe_readv_held},
    {"packet", packet_held}, {"words", words_held},         {"text", text_held},
    {"output", output_held}, {"host output", output_held},  {NULL, NULL},
};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "streams in the middle of a copy");
        return tap_end();
    }
    held_begin();
    memset(bytes, 0, sizeof(bytes));
    test_pipe();
    test_packets();
    test_others();
    return tap_end();
}
