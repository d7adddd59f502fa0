/* exec.c - becoming another program: what it is given, what it keeps, what is refused. The
 * program that is executed is this one again, told by its first argument what to check. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static char self[200];

struct call {
    const char *path;
    char **argv, **envp;
};

static int call_make(void *argument)
{
    struct call *call = argument;

    execve(call->path, call->argv, call->envp);
    return errno;
}

/* Exit status of this program run with these words; errno when it could not be run. */
static int run(const char *path, char **argv, char **envp)
{
    struct call call = {path, argv, envp};

    return WEXITSTATUS(child_run(call_make, &call));
}

static int run_words(const char *path, const char *one, const char *two)
{
    char *argv[] = {"exec", (char *)one, (char *)two, NULL};
    char *envp[] = {"A=1", "B=two words", NULL};

    return run(path, argv, envp);
}

static void file_make(const char *path, const void *bytes, size_t length, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
        bail(path);
    fchmod(fd, mode);
    close(fd);
}

static void test_words(void)
{
    static char long_word[20000];
    char *argv[] = {"", "words", "", "three", long_word, NULL};
    char *envp[] = {"A=1", "B=two words", NULL};

    memset(long_word, 'w', sizeof(long_word) - 1);
    check_equal(run(self, argv, envp), 40, "arguments and environment arrive whole");
    check_equal(run_words(self, "auxv", NULL), 41, "the auxiliary vector is right");
    check_equal(run_words(self, "memory", NULL), 42, "memory of the old program is gone");
}

static void test_kept(void)
{
    char number[12];
    int kept = open("/dev/null", O_RDONLY);
    int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
    sigset_t mask;

    snprintf(number, sizeof(number), "%d", kept);
    check_equal(run_words(self, "open", number), 0, "a descriptor stays open");
    snprintf(number, sizeof(number), "%d", closed);
    check_equal(run_words(self, "open", number), EBADF, "one with O_CLOEXEC does not");
    fcntl(kept, F_SETFD, FD_CLOEXEC);
    snprintf(number, sizeof(number), "%d", kept);
    check_equal(run_words(self, "open", number), EBADF,
                "nor one with FD_CLOEXEC set later");
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, (void (*)(int))test_kept);
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    check_equal(run_words(self, "signals", NULL), 43,
                "mask and ignored signals are kept, handlers are not");
    sigprocmask(SIG_UNBLOCK, &mask, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    close(kept), close(closed);
}

static void test_scripts(void)
{
    char text[300];
    int length = snprintf(text, sizeof(text), "#!%s script one\nrest\n", self);

    file_make("exec-script", text, length, 0755);
    check_equal(run_words("exec-script", "last", NULL), 44,
                "#! gives interpreter, its one argument, the script and the rest");
    length = snprintf(text, sizeof(text), "#! %s\n", self);
    file_make("exec-script", text, length, 0755);
    check_equal(run_words("exec-script", "x", NULL), 45, "#! without an argument");
    file_make("exec-script", "#!/no/such/thing\n", 17, 0755);
    check_equal(run_words("exec-script", "x", NULL), ENOENT,
                "#! with no such interpreter: ENOENT");
    unlink("exec-script");
}

/* What the old program goes on with if it is returned to: the new one has code there too. */
#define CODE (4 * PAGE)

static const unsigned char leave[] = {0xb8, 60, 0, 0, 0, 0xbf, 77, 0, 0, 0, 0x0f, 0x05};

static __attribute__((noinline, aligned(PAGE))) long execute_raw(const char *path)
{
    const char *none[] = {NULL};

    return raw3(SYS_execve, (long)path, (long)none, (long)none);
}

/* Of this one's data the file has nothing, so the rest of its last page cannot be cleared; which
 * shows when the old program has gone already. Begun or returned to,
 * its code would end as status 77. */
static void broken_make(const char *path)
{
    static struct {
        Elf64_Ehdr header;
        Elf64_Phdr data, code;
        char rest[PAGE - sizeof(Elf64_Ehdr) - 2 * sizeof(Elf64_Phdr)];
        unsigned char text[CODE];
    } broken = {
        .header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                   .e_type = ET_EXEC,
                   .e_machine = EM_X86_64,
                   .e_version = EV_CURRENT,
                   .e_phoff = sizeof(Elf64_Ehdr),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 2},
        .data = {.p_type = PT_LOAD,
                 .p_flags = PF_R | PF_W | PF_X,
                 .p_offset = 0x10000,
                 .p_vaddr = 0x10000000,
                 .p_filesz = 100,
                 .p_memsz = 200,
                 .p_align = 0x1000},
        .code = {.p_type = PT_LOAD,
                 .p_flags = PF_R | PF_X,
                 .p_offset = PAGE,
                 .p_filesz = CODE,
                 .p_memsz = CODE,
                 .p_align = 0x1000},
    };

    broken.code.p_vaddr = (uintptr_t)execute_raw;
    broken.header.e_entry = broken.code.p_vaddr;
    memset(broken.text, 0x90, CODE); /* NOP */
    memcpy(broken.text + CODE - sizeof(leave), leave, sizeof(leave));
    file_make(path, &broken, sizeof(broken), 0755);
}

static int execute_broken(void *argument)
{
    return -(int)execute_raw(argument);
}

static void *thread_wait(void *argument)
{
    for (;;)
        pause();
    return argument;
}

static void segv_survive(int number)
{
    _exit(100 + number);
}

/* A handler and another thread, which are lost by then; and the signal ignored, or blocked. */
static int execute_broken_besides(void *argument)
{
    pthread_t thread;
    sigset_t all;

    signal(SIGSEGV, segv_survive);
    pthread_create(&thread, NULL, thread_wait, NULL);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    return execute_broken(argument);
}

static int execute_broken_ignoring(void *argument)
{
    signal(SIGSEGV, SIG_IGN);
    return execute_broken(argument);
}

static bool ended_by(int status, int number)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == number;
}

static void test_broken(void)
{
    broken_make("exec-broken");
    check(ended_by(child_run(execute_broken, "exec-broken"), SIGSEGV),
          "exec of a program that cannot be laid out ends the process");
    check(ended_by(child_run(execute_broken_besides, "exec-broken"), SIGSEGV),
          "whatever it blocks, and with its other thread");
    check(ended_by(child_run(execute_broken_ignoring, "exec-broken"), SIGSEGV),
          "and whatever it ignores");
    pid_t child = vfork();
    if (child == 0)
        _exit(execute_broken("exec-broken"));
    check(ended_by(child_wait(child), SIGSEGV), "who waits for a vfork goes on");
    unlink("exec-broken");
}

static void test_refused(void)
{
    static char *huge_argv[2000], *envp[] = {NULL};
    static char word[100000];

    check_equal(run_words("/no/such/program", NULL, NULL), ENOENT, "no such file: ENOENT");
    check_equal(run_words("", NULL, NULL), ENOENT, "an empty path: ENOENT");
    check_equal(run_words(".", NULL, NULL), EACCES, "a directory: EACCES");
    file_make("exec-plain", "hello", 5, 0644);
    check_equal(run_words("exec-plain", NULL, NULL), EACCES, "no x right: EACCES");
    file_make("exec-plain", "hello", 5, 0755);
    check_equal(run_words("exec-plain", NULL, NULL), ENOEXEC, "no program: ENOEXEC");
    file_make("exec-plain", "\177ELF\2\1\1", 7, 0755);
    check_equal(run_words("exec-plain", NULL, NULL), ENOEXEC, "a cut ELF: ENOEXEC");
    file_make("exec-plain", "", 0, 0755);
    check_equal(run_words("exec-plain", NULL, NULL), ENOEXEC, "empty: ENOEXEC");
    check_equal(run_words("exec-plain/x", NULL, NULL), ENOTDIR,
                "a file as a directory: ENOTDIR");
    unlink("exec-plain");
    memset(word, 'x', sizeof(word) - 1);
    for (int i = 0; i < 1999; i++)
        huge_argv[i] = word;
    check_equal(run(self, huge_argv, envp), E2BIG, "200 MB of arguments: E2BIG");
}

static int child_words(int argc, char *argv[], char *envp[])
{
    bool right = argc == 5 && argv[0][0] == '\0' && argv[2][0] == '\0' &&
                 strcmp(argv[3], "three") == 0 && strlen(argv[4]) == 19999 && !argv[5] &&
                 strcmp(envp[0], "A=1") == 0 && strcmp(envp[1], "B=two words") == 0 &&
                 !envp[2];

    return right ? 40 : 1;
}

static int child_auxv(void)
{
    const Elf64_Phdr *headers = (void *)getauxval(AT_PHDR);
    const unsigned char *random = (void *)getauxval(AT_RANDOM);

    if (getauxval(AT_PAGESZ) != 4096 || getauxval(AT_PHENT) != sizeof(Elf64_Phdr))
        return 1;
    if (!headers || getauxval(AT_PHNUM) < 2 || !random || getauxval(AT_ENTRY) == 0)
        return 2;
    if (getauxval(AT_UID) != getuid() || getauxval(AT_SECURE) != 0)
        return 3;
    for (unsigned i = 0; i < getauxval(AT_PHNUM); i++)
        if (headers[i].p_type == PT_LOAD && headers[i].p_flags & PF_X &&
            getauxval(AT_ENTRY) >= headers[i].p_vaddr &&
            getauxval(AT_ENTRY) < headers[i].p_vaddr + headers[i].p_memsz)
            return 41;
    return 4;
}

static int child_memory(void)
{
    static char bss[16384];
    unsigned char resident;

    for (unsigned i = 0; i < sizeof(bss); i++)
        if (bss[i])
            return 1;
    return mincore((void *)0x300000000000, 4096, &resident) == -1 && errno == ENOMEM ? 42
                                                                                     : 2;
}

static int child_signals(void)
{
    struct sigaction ignored, handled;
    sigset_t mask;

    sigaction(SIGUSR1, NULL, &ignored);
    sigaction(SIGUSR2, NULL, &handled);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    return ignored.sa_handler == SIG_IGN && handled.sa_handler == SIG_DFL &&
                   sigismember(&mask, SIGTERM) == 1
               ? 43
               : 1;
}

static int child_act(int argc, char *argv[], char *envp[])
{
    if (strcmp(argv[1], "words") == 0)
        return child_words(argc, argv, envp);
    if (strcmp(argv[1], "auxv") == 0)
        return child_auxv();
    if (strcmp(argv[1], "memory") == 0)
        return child_memory();
    if (strcmp(argv[1], "signals") == 0)
        return child_signals();
    if (strcmp(argv[1], "open") == 0)
        return fcntl(atoi(argv[2]), F_GETFD) < 0 ? errno : 0;
    if (strcmp(argv[1], "script one") == 0)
        return argc == 4 && strcmp(argv[2], "exec-script") == 0 &&
                       strcmp(argv[3], "last") == 0
                   ? 44
                   : 1;
    return strcmp(argv[1], "exec-script") == 0 && argc == 3 ? 45 : 1;
}

int main(int argc, char *argv[], char *envp[])
{
    if (argc > 1)
        return child_act(argc, argv, envp);
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (length <= 0)
        snprintf(self, sizeof(self), "%s", argv[0]);
    void *old = mmap((void *)0x300000000000, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memset(old, 1, 4096);
    test_words();
    test_kept();
    test_scripts();
    test_refused();
    test_broken();
    return tap_end();
}
