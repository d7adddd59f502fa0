/* init.c - the first program, /init: process 1.
 *
 * The kernel starts it with descriptors 0, 1 and 2 on /dev/console. With a job in the image
 * (/etc/job) it runs that and nothing else, tells the host how it ended, and switches the
 * machine off. Without one it keeps a shell on the console for whoever sits there.
 *
 * Process 1 inherits every orphan, so both ways end in a loop of wait(): a process that
 * nobody waits for would keep its number, and its exit status, for ever. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    NOT_FOUND = 127,
    NOT_RUN = 126,
    PATIENCE = 2000 /* ms until a job that ignores it is killed */
};

static pid_t job; /* the job's process, and its group's; 0: there is none */

static char *const environment[] = {
    "PATH=/bin:/test", "HOME=/root", "TERM=linux", "PS1=\\w \\$ ", NULL,
};

static const char welcome[] =
    "\n"
    "Faultline: every page of every program here arrives by a fault.\n"
    "Three things to try:\n"
    "\n"
    "  faults one-fault     the smallest program, each of its faults told\n"
    "  demo-cow             fork copies nothing until somebody writes\n"
    "  vmtop                physical memory, live, until a key is pressed\n"
    "\n"
    "ls /bin/demo-* lists more to look at. poweroff leaves the machine.\n"
    "\n";

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* a console that cannot be written to leaves nobody to tell */
}

/* Tell the host: 0-255 as the program said, or 128 + the signal that killed it. */
static void status_tell(int status)
{
    char line[32];
    int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    int length = snprintf(line, sizeof(line), "status %d\n", code);
    int fd = open("/dev/hoststatus", O_WRONLY);

    if (fd < 0 || write(fd, line, length) != length)
        say("init: the host cannot be told how the job ended\n");
}

static void requests_refuse(void)
{
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
}

/* The job has ended, or been asked to: tell how. One that does not end is killed. */
static void job_end(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    int status = 0;
    pid_t ended = 0;

    for (int ms = 0; ms < 2 * PATIENCE; ms++) {
        ended = waitpid(job, &status, WNOHANG);
        if (ended != 0)
            break;
        if (ms == PATIENCE)
            kill(-1, SIGKILL);
        nanosleep(&moment, NULL);
    }
    if (ended == job)
        status_tell(status);
}

/* End the machine: RB_POWER_OFF, RB_AUTOBOOT or RB_HALT_SYSTEM. Only once. */
static void machine_end(int how)
{
    requests_refuse();
    kill(-1, SIGTERM); /* what is in the background, too */
    if (job > 0)
        job_end();
    sync();
    reboot(how);
    say("init: the machine cannot be switched off\n");
    for (;;)
        pause();
}

/* busybox's poweroff, reboot and halt only send process 1 a signal. There is nothing to
 * come back to, so the handler itself does what was asked. */
static void on_request(int signal)
{
    if (signal == SIGUSR2)
        machine_end(RB_POWER_OFF);
    machine_end(signal == SIGTERM ? RB_AUTOBOOT : RB_HALT_SYSTEM);
}

static void requests_listen(void)
{
    struct sigaction action = {.sa_handler = on_request};

    sigfillset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Open `path` as descriptor `wanted`, whatever was there before. False: it cannot be. */
static int open_as(int wanted, const char *path, int flags)
{
    int fd = open(path, flags);

    if (fd < 0)
        return 0;
    if (fd != wanted) {
        dup2(fd, wanted);
        close(fd);
    }
    return 1;
}

/* Wait until `child` ends, taking every orphan on the way. Its status is still to be fetched, so
 * a request that comes at this moment finds it too. False: there is no such child. */
static bool reap_until(pid_t child)
{
    siginfo_t ended;

    for (;;) {
        if (waitid(P_ALL, 0, &ended, WEXITED | WNOWAIT) == 0) {
            if (ended.si_pid == child)
                return true;
            waitpid(ended.si_pid, NULL, 0);
        } else if (errno != EINTR) {
            return false;
        }
    }
}

/* Never returns: become the program, or say why not and end as a shell would. */
static void program_become(char *const argv[])
{
    execvpe(argv[0], argv, environment);

    int status = errno == ENOENT ? NOT_FOUND : NOT_RUN;
    const char *why = strerror(errno);
    say("init: ");
    say(argv[0]);
    say(": ");
    say(why);
    say("\n");
    _exit(status);
}

/* /etc/job has words with a NUL after each, the program first. They stay where they are, in the
 * mapping of the file, however many they are. NULL: they cannot be had. */
static char **job_words(int fd)
{
    struct stat file;
    size_t words = 0;

    if (fstat(fd, &file) != 0 || file.st_size == 0)
        return NULL;
    char *text = mmap(NULL, file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return NULL;
    char **argv = malloc((file.st_size + 1) * sizeof(*argv));
    if (!argv)
        return NULL;
    for (char *word = text; word < text + file.st_size; word += strlen(word) + 1)
        argv[words++] = word;
    argv[words] = NULL;
    return argv;
}

/* A group of its own: what the job sends to its group does not come to us. */
static void job_start(int fd)
{
    char **argv = job_words(fd);

    setpgid(0, 0);
    close(fd);
    if (!open_as(STDIN_FILENO, "/etc/job.stdin", O_RDONLY))
        open_as(STDIN_FILENO, "/dev/null", O_RDONLY);
    if (!open_as(STDOUT_FILENO, "/dev/hostout", O_WRONLY))
        say("init: /dev/hostout cannot be opened: output goes to the console\n");
    if (argv)
        program_become(argv);
    say("init: /etc/job cannot be read\n");
    _exit(NOT_RUN);
}

static void job_run(int fd)
{
    job = fork();
    if (job == 0)
        job_start(fd);
    close(fd);
    if (job < 0)
        status_tell(NOT_RUN << 8);
    else
        reap_until(job);
    machine_end(RB_POWER_OFF);
}

/* A session of its own with the console as its terminal: what ^C and job control need. */
static void shell_start(void)
{
    char *const shell[] = {"-ash", NULL};

    setsid();
    open_as(STDIN_FILENO, "/dev/console", O_RDWR);
    dup2(STDIN_FILENO, STDOUT_FILENO);
    dup2(STDIN_FILENO, STDERR_FILENO);
    ioctl(STDIN_FILENO, TIOCSCTTY, 1);
    if (chdir("/root") != 0)
        say("init: there is no /root\n");
    execve("/bin/busybox", shell, environment);
    say("init: /bin/busybox cannot be run\n");
    _exit(NOT_RUN);
}

static void shells_run(void)
{
    say(welcome);
    for (;;) {
        pid_t shell = fork();

        if (shell == 0)
            shell_start();
        if (shell > 0 && reap_until(shell))
            waitpid(shell, NULL, 0);
        say("\nThat shell has ended; here is another. poweroff leaves the machine.\n");
        sleep(1); /* a shell that cannot start must not fill the screen */
    }
}

int main(void)
{
    /* Without init the machine ends: no error of the swap device may strike it. */
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    requests_listen();
    int fd = open("/etc/job", O_RDONLY);
    if (fd >= 0)
        job_run(fd);
    shells_run();
}
