/* end-with-core.c - what a parent is told of an end that would leave a core: the bit in
 * the status and CLD_DUMPED, for the signals that do, where RLIMIT_CORE lets them and
 * the process wants it. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int end_by(void *argument)
{
    const int *signal_number = argument;
    signal(*signal_number, SIG_DFL);
    raise(*signal_number);
    return 0;
}

static int end_undumpable(void *argument)
{
    prctl(PR_SET_DUMPABLE, 0);
    return end_by(argument);
}

static int end_after_exec(void *argument)
{
    (void)argument;
    prctl(PR_SET_DUMPABLE, 0);
    execl("/proc/self/exe", "end-with-core", "abort", (char *)NULL);
    return 0;
}

static void limit(rlim_t most)
{
    struct rlimit cores = {most, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &cores) != 0)
        bail("setrlimit");
}

/* Whether a core is written on Linux is a matter of its core_pattern. */
static void test_end(int (*step)(void *), int signal_number, bool dumps, const char *claim)
{
    siginfo_t info;
    pid_t child = child_start(step, &signal_number);

    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    int status = child_wait(child);
    check(WIFSIGNALED(status) && WTERMSIG(status) == signal_number,
          "signal %d, %s: it ends", signal_number, claim);
    if (dumps && !on_faultline() && !WCOREDUMP(status))
        return check_skip("no core is written here", "signal %d, %s: told", signal_number,
                          claim);
    check(!WCOREDUMP(status) == !dumps, "signal %d, %s: told", signal_number, claim);
    check(info.si_code == (dumps ? CLD_DUMPED : CLD_KILLED) &&
              info.si_status == signal_number,
          "signal %d, %s: by waitid, too", signal_number, claim);
}

int main(int count, char **arguments __attribute__((unused)))
{
    static const int dumping[] = {SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,
                                  SIGFPE,  SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
    const int others[] = {SIGHUP,  SIGINT,    SIGKILL, SIGUSR1,   SIGPIPE, SIGALRM,
                          SIGTERM, SIGSTKFLT, SIGPROF, SIGVTALRM, SIGIO,   SIGRTMIN};

    if (count > 1)
        abort();
    limit(0);
    test_end(end_by, SIGABRT, false, "no core may be");
    limit(4095);
    test_end(end_by, SIGSEGV, false, "less than a page may be");
    limit(RLIM_INFINITY);
    for (unsigned i = 0; i < sizeof(dumping) / sizeof(*dumping); i++)
        test_end(end_by, dumping[i], true, "a core may be");
    for (unsigned i = 0; i < sizeof(others) / sizeof(*others); i++)
        test_end(end_by, others[i], false, "which leaves none");
    check(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_SET_DUMPABLE, 2) < 0, "a core is wanted");
    test_end(end_undumpable, SIGABRT, false, "it is not wanted");
    test_end(end_after_exec, SIGABRT, true, "until exec");
    unlink("core");
    return tap_end();
}
