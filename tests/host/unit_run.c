/* tests/host/unit_run.c - the unit tests, each in a process of its own.
 *
 * What is tested may do anything: crash, loop, or end the process with success on its lips. So
 * there are three kinds of processes:
 *
 *     main       knows the tests by name, runs nothing of mm/, and alone says how it went
 *     machine    starts the machine, and has each test run in
 *     test       a copy of that as it is at the start: what a test leaves behind goes with it
 *
 * A test has passed if its process said so at the very end, in memory that is shared with main.
 * What was printed counts for nothing, nor does an exit status.
 *
 *     unit [--together] [TEST...]     only those of that name, or of that file (test_fork)
 *
 * --together: all in the machine's process, one after another, and not beyond the first that fails.
 * That takes a third of the time, for who runs them often and wants one answer. */
#define _GNU_SOURCE
#include "tests/host/choice.h"
#include "tests/host/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define TESTS_MAX         1000
#define PROCESSOR_SECONDS 6 /* of one test: it never ends */

/* What a test's process says of itself. */
enum outcome { NOT_BEGUN, NOT_OVER, OVER_FAILED, OVER_PASSED };

static struct {
    struct CMUnitTest test;
    const char *file;
    bool wanted;
} tests[TESTS_MAX];
static unsigned test_count;

static volatile enum outcome *outcomes; /* shared */
static int output;                      /* a file in memory for what a test prints */

void unit_add_tests(const char *file, const struct CMUnitTest *more, size_t count)
{
    const char *slash = strrchr(file, '/');
    for (size_t i = 0; i < count && test_count < TESTS_MAX; i++, test_count++) {
        tests[test_count].test = more[i];
        tests[test_count].file = slash != NULL ? slash + 1 : file;
    }
}

/* --- One test ----------------------------------------------------------------------------- */

static CMUnitTestFunction test_body;
bool unit_complete;

static void test_complete(void **state)
{
    unit_complete = false;
    test_body(state);
    unit_complete = true;
}

/* In this process. True if it has passed. */
static bool test_do(unsigned number)
{
    struct CMUnitTest alone[] = {tests[number].test};
    test_body = alone[0].test_func;
    alone[0].test_func = test_complete;
    outcomes[number] = NOT_OVER;
    bool passed = cmocka_run_group_tests(alone, NULL, NULL) == 0;
    fflush(NULL);
    outcomes[number] = passed ? OVER_PASSED : OVER_FAILED;
    return passed;
}

static _Noreturn void test_run(unsigned number)
{
    struct rlimit limit = {PROCESSOR_SECONDS, PROCESSOR_SECONDS + 5};
    setrlimit(RLIMIT_CPU, &limit);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    test_do(number);
    _exit(0);
}

/* Of cmocka's words about a group of one, those about what went wrong. */
static bool line_matters(const char *line)
{
    static const char *const frame[] = {
        "[====", "[ RUN  ",   "[  PASSED",         "[  FAILED",
        "\n",    " 1 FAILED", "[  ERROR   ] alone"};
    for (unsigned i = 0; i < ARRAY_SIZE(frame); i++)
        if (strncmp(line, frame[i], strlen(frame[i])) == 0)
            return false;
    return true;
}

static void output_show(void)
{
    FILE *file = fdopen(dup(output), "r");
    char line[1024];
    rewind(file);
    while (fgets(line, sizeof(line), file) != NULL)
        if (line_matters(line))
            fputs(line, stdout);
    fclose(file);
}

static void failure_tell(unsigned number, int status)
{
    printf("[  FAILED  ] %s (%s)\n", tests[number].test.name, tests[number].file);
    if (outcomes[number] == NOT_OVER && WIFEXITED(status))
        printf("    its process ended before the test did, with status %d\n",
               WEXITSTATUS(status));
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        printf("    it never ends: %d s of a processor\n", PROCESSOR_SECONDS);
    else if (WIFSIGNALED(status))
        printf("    its process was ended by a signal: %s\n", strsignal(WTERMSIG(status)));
    output_show();
}

/* In a process of its own. */
static void test_try(unsigned number)
{
    printf("[ RUN      ] %s\n", tests[number].test.name);
    fflush(stdout);
    if (ftruncate(output, 0) != 0 || lseek(output, 0, SEEK_SET) != 0)
        abort();
    pid_t process = fork();
    if (process == 0)
        test_run(number);
    int status;
    if (process < 0 || waitpid(process, &status, 0) != process)
        abort();
    if (status != 0 || outcomes[number] == NOT_BEGUN)
        outcomes[number] = NOT_OVER;
    if (outcomes[number] == OVER_PASSED)
        printf("[       OK ] %s\n", tests[number].test.name);
    else
        failure_tell(number, status);
}

/* --- All of them -------------------------------------------------------------------------- */

/* In this process. */
static void tests_try_together(void)
{
    bool passed = true;
    for (unsigned i = 0; i < test_count && passed; i++)
        if (tests[i].wanted)
            passed = test_do(i);
}

static _Noreturn void machine_run(bool together)
{
    choice_seed(1);
    machine_start(UNIT_FRAMES, UNIT_SLOTS);
    if (together)
        tests_try_together();
    for (unsigned i = 0; i < test_count && !together; i++)
        if (tests[i].wanted)
            test_try(i);
    fflush(stdout);
    _exit(0);
}

static bool name_matches(unsigned number, const char *name)
{
    const char *file = tests[number].file;
    size_t length = strlen(name);
    return strcmp(tests[number].test.name, name) == 0 ||
           (strncmp(file, name, length) == 0 && strcmp(file + length, ".c") == 0);
}

static void tests_choose(char **names)
{
    for (unsigned i = 0; i < test_count; i++)
        tests[i].wanted = *names == NULL;
    for (; *names != NULL; names++) {
        bool found = false;
        for (unsigned i = 0; i < test_count; i++)
            if (name_matches(i, *names))
                found = tests[i].wanted = true;
        if (!found) {
            fprintf(stderr, "unit: there is no test %s\n", *names);
            exit(2);
        }
    }
}

/* How many have not passed. */
static unsigned summary(void)
{
    unsigned count[OVER_PASSED + 1] = {0};
    for (unsigned i = 0; i < test_count; i++)
        if (tests[i].wanted)
            count[outcomes[i]]++;
    printf("[  PASSED  ] %u test(s).\n", count[OVER_PASSED]);
    for (unsigned i = 0; i < test_count; i++)
        if (tests[i].wanted && (outcomes[i] == NOT_OVER || outcomes[i] == OVER_FAILED))
            printf("[  FAILED  ] %s\n", tests[i].test.name);
    if (count[NOT_BEGUN] > 0)
        printf("%u test(s) have not been run.\n", count[NOT_BEGUN]);
    return count[NOT_BEGUN] + count[NOT_OVER] + count[OVER_FAILED];
}

int unit_run(char **arguments)
{
    bool together = arguments[0] != NULL && strcmp(arguments[0], "--together") == 0;
    tests_choose(arguments + together);
    outcomes = mmap(NULL, TESTS_MAX * sizeof(*outcomes), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    output = memfd_create("output", 0);
    if (outcomes == MAP_FAILED || output < 0)
        return 2;
    pid_t process = fork();
    if (process == 0)
        machine_run(together);
    int status;
    if (process < 0 || waitpid(process, &status, 0) != process)
        return 2;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        printf("FAILED: it never ends: no processor time is left\n");
    unsigned failed = summary();
    if (status != 0)
        printf("the machine itself ended, with status %#x\n", (unsigned)status);
    return failed > 0 || status != 0;
}
