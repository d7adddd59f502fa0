/* files.c - long calls about large files, full directories, many descriptors and pieces. */
#define _GNU_SOURCE
#include "user/turns/turns.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECES 1024

static int file = -1;

/* --- A large file ------------------------------------------------------------------------ */

static void prepare_file(void)
{
    block_make();
    file = open("/tmp/large", O_RDWR | O_CREAT | O_TRUNC, 0600);
    must(file >= 0, "/tmp/large");
}

static void call_write(void)
{
    must(write(file, block, much * PAGE) == (ssize_t)(much * PAGE), "write");
}

static void prepare_written(void)
{
    prepare_file();
    call_write();
}

static void clean_file(void)
{
    block_end();
    close(file);
    unlink("/tmp/large");
}

static void call_read(void)
{
    must(pread(file, block, much * PAGE, 0) > 0, "pread");
}

static void call_sync(void)
{
    must(fsync(file) == 0, "fsync");
}

static void call_truncate(void)
{
    must(ftruncate(file, 0) == 0, "ftruncate");
}

/* Whose copies of the file's pages are private loses them, too. */
static void prepare_private(void)
{
    prepare_written();
    block_end();
    block = mmap(NULL, much * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    must(block != MAP_FAILED, "mmap");
    block_touch();
}

static void call_allocate(void)
{
    must(posix_fallocate(file, 0, (off_t)(much * PAGE)) == 0, "fallocate");
    must(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                   (off_t)(much * PAGE)) == 0,
         "fallocate");
}

static void call_unlink(void)
{
    unlink("/tmp/large");
    close(file);
    file = -1;
}

static void call_send(void)
{
    int to = open("/dev/null", O_WRONLY);
    off_t at = 0;

    must(sendfile(to, file, &at, much * PAGE) > 0, "sendfile");
    close(to);
}

static void call_zero(void)
{
    int zero = open("/dev/zero", O_RDONLY);

    must(read(zero, block, much * PAGE) > 0, "/dev/zero");
    close(zero);
}

static void call_pieces(void)
{
    static struct iovec pieces[PIECES];

    for (size_t i = 0; i < PIECES; i++)
        pieces[i] =
            (struct iovec){block + i * (much * PAGE / PIECES), much * PAGE / PIECES};
    must(pwritev(file, pieces, PIECES, 0) > 0, "pwritev");
    must(preadv(file, pieces, PIECES, 0) > 0, "preadv");
}

/* --- A full directory -------------------------------------------------------------------- */

static void name_of(char *path, size_t i)
{
    snprintf(path, 40, "/tmp/full/a-name-%zu", i);
}

static void prepare_names(void)
{
    char path[40];

    mkdir("/tmp/full", 0700);
    for (size_t i = 0; i < many; i++) {
        name_of(path, i);
        int made = open(path, O_CREAT | O_WRONLY, 0600);
        must(made >= 0, path);
        close(made);
    }
}

static void call_list(void)
{
    DIR *directory = opendir("/tmp/full");

    must(directory != NULL, "opendir");
    while (readdir(directory))
        ;
    closedir(directory);
}

static void call_find(void)
{
    struct stat stat_;
    char path[40];

    for (size_t i = 0; i < 20; i++) {
        name_of(path, many + i);
        stat(path, &stat_);
    }
}

static void call_remove(void)
{
    char path[40];

    for (size_t i = 0; i < many; i++) {
        name_of(path, i);
        unlink(path);
    }
    rmdir("/tmp/full");
}

/* --- Many descriptors -------------------------------------------------------------------- */

static struct pollfd *polled;
static int ends[2], set;

static void prepare_descriptors(void)
{
    struct rlimit limit = {many + 100, 65536};

    must(setrlimit(RLIMIT_NOFILE, &limit) == 0 && pipe(ends) == 0, "setrlimit");
    polled = calloc(many, sizeof(*polled));
    set = epoll_create1(0);
    for (size_t i = 0; i < many; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        polled[i] = (struct pollfd){dup(ends[0]), POLLIN, 0};
        must(polled[i].fd >= 0, "dup");
        must(epoll_ctl(set, EPOLL_CTL_ADD, polled[i].fd, &event) == 0, "epoll_ctl");
    }
}

static void call_poll(void)
{
    must(poll(polled, many, 1) == 0, "poll");
}

static void call_epoll(void)
{
    struct epoll_event event;

    must(epoll_wait(set, &event, 1, 1) == 0, "epoll_wait");
}

static void clean_descriptors(void)
{
    for (size_t i = 0; i < many; i++)
        close(polled[i].fd);
    close(set);
    close(ends[0]);
    close(ends[1]);
    free(polled);
}

/* --- Many words -------------------------------------------------------------------------- */

#define WORDS 15000

static char **words;

static void prepare_words(void)
{
    words = calloc(WORDS + 1, sizeof(*words));
    words[0] = "true";
    for (int i = 1; i < WORDS; i++)
        words[i] = "this-is-one-of-very-many-long-words-that-a-program-can-be-given-"
                   "and-it-goes-on-like-this";
}

static void call_exec(void)
{
    pid_t child = fork();

    must(child >= 0, "fork");
    if (child == 0) {
        execv("/bin/true", words);
        _exit(1);
    }
    int status;
    waitpid(child, &status, 0);
    must(status == 0, "execv");
}

static void clean_words(void)
{
    free(words);
}

const struct turn turns_of_files[] = {
    {"write", prepare_file, call_write, clean_file},
    {"read", prepare_written, call_read, clean_file},
    {"fsync", prepare_written, call_sync, clean_file},
    {"ftruncate", prepare_written, call_truncate, clean_file},
    {"ftruncate-private", prepare_private, call_truncate, clean_file},
    {"fallocate", prepare_written, call_allocate, clean_file},
    {"unlink", prepare_written, call_unlink, clean_file},
    {"sendfile", prepare_written, call_send, clean_file},
    {"read-zeroes", block_make, call_zero, block_end},
    {"pwritev", prepare_file, call_pieces, clean_file},
    {"getdents", prepare_names, call_list, call_remove},
    {"lookup", prepare_names, call_find, call_remove},
    {"unlink-many", prepare_names, call_remove, NULL},
    {"poll", prepare_descriptors, call_poll, clean_descriptors},
    {"epoll", prepare_descriptors, call_epoll, clean_descriptors},
    {"close-many", prepare_descriptors, child_pass,
     clean_descriptors}, /* the child closes all */
    {"exec-words", prepare_words, call_exec, clean_words},
    {NULL, NULL, NULL, NULL},
};
