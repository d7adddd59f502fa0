/* text-busy.c - a file is written, or a program runs from it: ETXTBSY, both ways. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* This program once more, under another name; still open for writing. */
static int copy_open(const char *name)
{
    static char bytes[65536];
    int from = open("/proc/self/exe", O_RDONLY),
        to = open(name, O_RDWR | O_CREAT | O_TRUNC, 0700);

    if (from < 0 || to < 0)
        bail(name);
    for (ssize_t length; (length = read(from, bytes, sizeof(bytes))) > 0;)
        if (write(to, bytes, length) != length)
            bail("write");
    close(from);
    return to;
}

static void copy_make(const char *name)
{
    close(copy_open(name));
}

/* What exec of the file gives: 0 when it runs (and ends at once). */
static int exec_error(const char *name)
{
    pid_t child = fork();

    if (child == 0) {
        execl(name, name, "end", NULL);
        _exit(errno);
    }
    return WEXITSTATUS(child_wait(child));
}

/* --- A program that runs until it is told --------------------------------------------- */

struct running {
    pid_t pid;
    int till; /* closed: it ends */
};

static struct running run(const char *name, const char *what)
{
    int started[2], till[2];
    char numbers[2][12], byte;

    if (pipe(started) != 0 || pipe(till) != 0)
        bail("pipe");
    snprintf(numbers[0], sizeof(numbers[0]), "%d", started[1]);
    snprintf(numbers[1], sizeof(numbers[1]), "%d", till[0]);
    pid_t child = fork();
    if (child == 0) {
        close(till[1]);
        execl(name, name, what, numbers[0], numbers[1], NULL);
        _exit(1);
    }
    close(started[1]), close(till[0]);
    if (read(started[0], &byte, 1) != 1)
        bail("it did not start");
    close(started[0]);
    fcntl(till[1], F_SETFD, FD_CLOEXEC);
    return (struct running){child, till[1]};
}

static void end(struct running running)
{
    close(running.till);
    child_wait(running.pid);
}

/* In the program: say that we run, wait, end. "fork": a child goes on when we end; it reads
 * another byte, so that somebody may wait until we are gone. */
static int stay(const char *what, int started, int till)
{
    char byte;

    if (strcmp(what, "fork") == 0 && fork() != 0)
        return 0;
    if (write(started, "s", 1) != 1)
        return 1;
    close(started);
    while (read(till, &byte, 1) > 0)
        ;
    return 0;
}

/* --- Claims --------------------------------------------------------------------------- */

static void test_written(void)
{
    int file = copy_open("busy");

    check_equal(exec_error("busy"), ETXTBSY, "exec of a file open for reading and writing");
    int other = open("busy", O_WRONLY | O_APPEND);
    close(file);
    check_equal(exec_error("busy"), ETXTBSY, "for writing, by a second opening");
    int copy = dup(other);
    close(other);
    check_equal(exec_error("busy"), ETXTBSY, "by a copied descriptor");
    close(copy);
    check_equal(exec_error("busy"), 0, "closed: it runs");
    file = open("busy", O_RDONLY);
    check_equal(exec_error("busy"), 0, "open for reading: it runs");
    close(file);
    file = open("busy", O_RDONLY | O_TRUNC);
    close(file);
    check_equal(exec_error("busy"), ENOEXEC, "cut and closed: not busy");
    file = open("busy", O_WRONLY);
    check(file >= 0, "and after a failed exec it can be written");
    close(file);
    unlink("busy");
}

static void refusals(const char *name)
{
    check(fails(open(name, O_WRONLY), ETXTBSY), "open for writing");
    check(fails(open(name, O_RDWR), ETXTBSY), "for reading and writing");
    check(fails(open(name, O_RDONLY | O_TRUNC), ETXTBSY), "with O_TRUNC");
    check(fails(open(name, O_WRONLY | O_CREAT, 0700), ETXTBSY), "with O_CREAT");
    check(fails(creat(name, 0700), ETXTBSY), "creat");
    check(fails(truncate(name, 0), ETXTBSY), "truncate");
    check(fails(truncate(name, -1), EINVAL), "truncate to less than nothing: EINVAL");
}

static void test_running(void)
{
    struct stat before, after;
    int file;

    copy_make("runs");
    stat("runs", &before);
    struct running one = run("runs", "stay"), two = run("runs", "stay");
    refusals("runs");
    link("runs", "linked");
    check(fails(open("linked", O_WRONLY), ETXTBSY), "by another name");
    unlink("linked");
    file = open("runs", O_RDONLY);
    check(file >= 0 &&
              mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0) != MAP_FAILED,
          "it can be read, and mapped");
    close(file);
    check(chmod("runs", 0755) == 0, "its rights can be changed");
    stat("runs", &after);
    check(before.st_size == after.st_size, "nothing was cut");
    check_equal(exec_error("runs"), 0, "it can be run again");
    end(one);
    check(fails(open("runs", O_WRONLY), ETXTBSY), "one of two has ended: busy");
    end(two);
    file = open("runs", O_WRONLY);
    check(file >= 0, "both have: it can be written");
    close(file);
    unlink("runs");
}

static void test_forked(void)
{
    copy_make("forks");
    struct running child = run("forks", "fork");
    child_wait(child.pid);
    check(fails(open("forks", O_WRONLY), ETXTBSY),
          "the parent has ended, its child runs on: busy");
    close(child.till);
    int file = -1;
    for (int i = 0; i < 10000 && file < 0; i++, usleep(1000))
        file = open("forks", O_WRONLY);
    check(file >= 0, "the child has ended");
    close(file);
    unlink("forks");
}

/* Names are not protected. */
static void test_replaced(void)
{
    copy_make("old"), copy_make("new");
    struct running running = run("old", "stay");
    check(rename("new", "old") == 0, "a running program can be renamed over");
    int file = open("old", O_WRONLY);
    check(file >= 0, "what has its name now can be written");
    close(file);
    end(running);
    running = run("old", "stay");
    check(unlink("old") == 0, "a running program can be unlinked");
    file = open("old", O_WRONLY | O_CREAT, 0700);
    check(file >= 0, "and made anew");
    close(file);
    check(fails(open("/proc/self/exe", O_WRONLY), ETXTBSY), "/proc/self/exe: busy");
    end(running);
    unlink("old");
}

static void script_make(const char *interpreter, const char *what)
{
    FILE *file = fopen("script", "w");

    fprintf(file, "#!%s %s\n", interpreter, what);
    fclose(file);
    chmod("script", 0700);
}

static void test_script(void)
{
    char here[4000], path[4096];

    if (!getcwd(here, sizeof(here)))
        bail("getcwd");
    snprintf(path, sizeof(path), "%s/interprets", here);
    copy_make("interprets");
    script_make(path, "end");
    check_equal(exec_error("script"), 0, "a script runs");
    int file = open("script", O_RDWR);
    check_equal(exec_error("script"), ETXTBSY, "not while it is open for writing");
    close(file);
    file = open("interprets", O_RDWR);
    check_equal(exec_error("script"), ETXTBSY, "nor while its interpreter is");
    close(file);
    script_make(path, "script");
    struct running running = run("script", "unused");
    file = open("script", O_RDWR | O_TRUNC);
    check(file >= 0, "a running script can be written");
    close(file);
    check(fails(open("interprets", O_WRONLY), ETXTBSY), "its interpreter cannot");
    end(running);
    unlink("script"), unlink("interprets");
}

/* A program of headers alone, which wants another one to load it. */
static void dynamic_make(void)
{
    static const char loader[] = "loads";
    struct {
        Elf64_Ehdr head;
        Elf64_Phdr segments[2];
        char loader[sizeof(loader)];
    } program = {
        .head = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                 .e_type = ET_EXEC,
                 .e_machine = EM_X86_64,
                 .e_version = EV_CURRENT,
                 .e_entry = 0x400000,
                 .e_phoff = sizeof(Elf64_Ehdr),
                 .e_ehsize = sizeof(Elf64_Ehdr),
                 .e_phentsize = sizeof(Elf64_Phdr),
                 .e_phnum = 2},
        .segments = {{.p_type = PT_INTERP,
                      .p_flags = PF_R,
                      .p_filesz = sizeof(loader),
                      .p_memsz = sizeof(loader),
                      .p_align = 1},
                     {.p_type = PT_LOAD,
                      .p_flags = PF_R | PF_X,
                      .p_vaddr = 0x70000000,
                      .p_filesz = sizeof(program),
                      .p_memsz = sizeof(program),
                      .p_align = 4096}},
    };

    program.segments[0].p_offset = (char *)program.loader - (char *)&program;
    strcpy(program.loader, loader);
    int file = open("dynamic", O_WRONLY | O_CREAT | O_TRUNC, 0700);
    if (write(file, &program, sizeof(program)) != sizeof(program))
        bail("write");
    close(file);
}

/* The program that loads it is this one: it runs, at its own addresses. */
static void test_loader(void)
{
    dynamic_make();
    int file = copy_open("loads");
    check_equal(exec_error("dynamic"), ETXTBSY,
                "exec while the program's loader is being written");
    close(file);
    struct running running = run("dynamic", "stay");
    file = open("loads", O_WRONLY);
    check(file >= 0, "a loader can be written while it runs");
    close(file);
    check(fails(open("dynamic", O_WRONLY), ETXTBSY), "the program it loads cannot");
    end(running);
    unlink("loads"), unlink("dynamic");
}

/* An anonymous file has been open for writing from the beginning: that does not count. */
static void test_memfd(void)
{
    char name[40], path[60];
    int from = open("/proc/self/exe", O_RDONLY), file = memfd_create("program", 0);
    struct stat size;

    fstat(from, &size);
    if (ftruncate(file, size.st_size) != 0)
        bail("ftruncate");
    char *at = mmap(NULL, size.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    check(read(from, at, size.st_size) == size.st_size, "a program in a memfd, mapped");
    close(from);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", file);
    struct running running = run(name, "stay");
    snprintf(path, sizeof(path), "/proc/%d/exe", running.pid);
    check(fails(open(path, O_WRONLY), ETXTBSY),
          "it runs, and cannot be opened for writing");
    check(fails(open(name, O_RDWR), ETXTBSY), "by its descriptor's name neither");
    end(running);
    int again = open(name, O_RDWR);
    check(again >= 0, "it has ended: it can");
    check_equal(exec_error(name), ETXTBSY, "and then not be run");
    close(again), close(file);
    munmap(at, size.st_size);
}

/* What a private mapping writes, the file never sees: but it holds the opening all the same. */
static void test_mapped_privately(void)
{
    static const int rights[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE};

    for (int i = 0; i < 3; i++) {
        int file = open("mapped", O_RDWR);
        char *at = mmap(NULL, 3 * 4096, rights[i], MAP_PRIVATE, file, 0);
        close(file);
        check_equal(exec_error("mapped"), ETXTBSY, "mapped privately, with rights %d: busy",
                    rights[i]);
        mprotect(at, 4096, PROT_READ), munmap(at + 4096, 4096);
        check_equal(exec_error("mapped"), ETXTBSY,
                    "what is left of it, in two pieces: busy");
        munmap(at, 3 * 4096);
        check_equal(exec_error("mapped"), 0, "unmapped: it runs");
    }
}

/* A mapping writes as well as an opening does, and stays when that is closed. */
static void test_mapped(void)
{
    int file = copy_open("mapped");
    char *at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);

    close(file);
    check_equal(exec_error("mapped"), ETXTBSY, "mapped so that it could be written: busy");
    munmap(at, 4096);
    check_equal(exec_error("mapped"), 0, "unmapped: it runs");
    test_mapped_privately();
    file = open("mapped", O_RDONLY);
    at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
    char *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
    close(file);
    check_equal(exec_error("mapped"), 0, "mapped for reading, or for oneself: it runs");
    munmap(at, 4096), munmap(own, 4096);
    unlink("mapped");
}

int main(int argc, char **argv)
{
    bool script = argc > 1 && strcmp(argv[1], "script") == 0;

    if (argc > 1 && strcmp(argv[1], "end") == 0)
        return 0;
    if (script) /* the script's name and "unused" stand between */
        return stay("stay", atoi(argv[4]), atoi(argv[5]));
    if (argc > 3)
        return stay(argv[1], atoi(argv[2]), atoi(argv[3]));
    test_written();
    test_running();
    test_forked();
    test_replaced();
    test_script();
    test_loader();
    test_memfd();
    test_mapped();
    return tap_end();
}
