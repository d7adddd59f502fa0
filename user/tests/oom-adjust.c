/* oom-adjust.c - /proc/PID/oom_score_adj: what may be written, who inherits it, and that
 * it counts. */
#include "user/lib/child.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *program;

static long number_in(const char *path)
{
    char text[32] = "";
    int file = open(path, O_RDONLY);

    if (file < 0 || read(file, text, sizeof(text) - 1) <= 0)
        bail(path);
    close(file);
    return atol(text);
}

static long adjust(void)
{
    return number_in("/proc/self/oom_score_adj");
}

static int adjust_to(const char *text)
{
    int file = open("/proc/self/oom_score_adj", O_WRONLY);

    int error = write(file, text, strlen(text)) < 0 ? errno : 0;
    close(file);
    return error;
}

static int forked(void *unused)
{
    (void)unused;
    return adjust() == 300 && adjust_to("400") == 0 && adjust() == 400 ? 0 : 1;
}

static int executed(void *unused)
{
    (void)unused;
    execl(program, program, "300", NULL);
    return 1;
}

int main(int count, char **arguments)
{
    static const char *refused[] = {"1001", "-1001", "",    "x",
                                    "5x",   "--5",   "- 5", "2000000000"};

    if (count > 1)
        return adjust() == atol(arguments[1]) ? 0 : 1;
    program = arguments[0];
    check_equal(adjust_to("0\n"), 0, "oom_score_adj can be written");
    check_equal(adjust(), 0, "and read");
    long before = number_in("/proc/self/oom_score");
    for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        check_equal(adjust_to(refused[i]), EINVAL, "\"%s\" is refused: EINVAL", refused[i]);
    check_equal(adjust(), 0, "then it is as before");
    check_equal(adjust_to("1000"), 0, "1000");
    check_near(number_in("/proc/self/oom_score"), before + 667, 20, "oom_score follows");
    if (adjust_to("-1000") == EACCES) {
        check_skip("not allowed here", "-1000");
    } else {
        check_equal(adjust(), -1000, "-1000");
        check_equal(number_in("/proc/self/oom_score"), 0, "means never");
    }
    adjust_to("300");
    check_equal(child_run(forked, NULL), 0, "fork inherits it, and each has its own then");
    check_equal(adjust(), 300, "ours is as it was");
    check_equal(child_run(executed, NULL), 0, "exec keeps it");
    adjust_to("0");
    return tap_end();
}
