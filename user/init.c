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
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOB_BYTES = 65536, JOB_WORDS = 1024, NOT_FOUND = 127, NOT_RUN = 126 };

static char *const environment[] = {
    "PATH=/bin:/test", "HOME=/root", "TERM=linux", "PS1=\\w \\$ ", NULL,
};

static const char welcome[] =
    "\n"
    "Faultline: every page of every program here arrives by a fault.\n"
    "\n"
    "  faults one-fault     the smallest program, each of its faults told\n"
    "  faults --step ls     the same for any program, one Enter a fault\n"
    "  demo-lazy            memory promised, frames given only when touched\n"
    "  demo-cow             fork copies nothing until somebody writes\n"
    "  demo-share           one frame in many spaces\n"
    "  demo-segv            everything that is refused, and how\n"
    "  demo-fragment        why frames need not lie together\n"
    "  demo-free, demo-alloc, demo-ws, demo-thrash, demo-matrix, demo-eat\n"
    "                       frames given and taken, working sets, thrashing\n"
    "  vmtop                physical memory, live\n"
    "  poweroff             end\n"
    "\n";

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* a console that cannot be written to leaves nobody to tell */
}

/* End the machine: RB_POWER_OFF, RB_AUTOBOOT or RB_HALT_SYSTEM. */
static void machine_end(int how)
{
    kill(-1, SIGTERM);
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

/* Wait until `child` ends, taking every orphan on the way. Its wait status. */
static int reap_until(pid_t child)
{
    int status;

    for (;;) {
        pid_t ended = wait(&status);

        if (ended == child)
            return status;
        if (ended < 0 && errno != EINTR)
            return NOT_RUN << 8;
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

/* Read /etc/job: words with a NUL after each, the program first. How many; 0: no job. */
static int job_read(char *argv[])
{
    static char text[JOB_BYTES + 1];
    int words = 0;
    int fd = open("/etc/job", O_RDONLY);

    if (fd < 0)
        return 0;
    ssize_t length = 0, got;
    while (length < JOB_BYTES && (got = read(fd, text + length, JOB_BYTES - length)) > 0)
        length += got;
    close(fd);
    for (char *word = text; word < text + length && words < JOB_WORDS;
         word += strlen(word) + 1)
        argv[words++] = word;
    argv[words] = NULL;
    return words;
}

static void job_start(char *const argv[])
{
    if (!open_as(STDIN_FILENO, "/etc/job.stdin", O_RDONLY))
        open_as(STDIN_FILENO, "/dev/null", O_RDONLY);
    if (!open_as(STDOUT_FILENO, "/dev/hostout", O_WRONLY))
        say("init: /dev/hostout cannot be opened: output goes to the console\n");
    program_become(argv);
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

static void job_run(char *const argv[])
{
    pid_t job = fork();

    if (job == 0)
        job_start(argv);
    status_tell(job < 0 ? NOT_RUN << 8 : reap_until(job));
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
        if (shell > 0)
            reap_until(shell);
        sleep(1); /* a shell that cannot start must not fill the screen */
    }
}

int main(void)
{
    static char *argv[JOB_WORDS + 1];

    /* Without init the machine ends: no error of the swap device may strike it. */
    mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
    requests_listen();
    if (job_read(argv) > 0)
        job_run(argv);
    shells_run();
}
