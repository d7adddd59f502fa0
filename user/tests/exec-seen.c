/* exec-seen.c - a process between two programs, and others who look at it.
 *
 * Once exec has given the old program up, the new one's stack is filled, which may take long: its
 * pages may have to be fetched. Held there (user/lib/held.h), the process is the new program
 * already: its name, its file and its memory. Of its arguments nothing is told yet; least of all
 * what lies in the new memory where the old ones' were. */
#include "user/lib/child.h"
#include "user/lib/held.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LONG 8192 /* an argument, so that the strings lie on three pages */

/* The page in the middle of them. */
#define MIDDLE "address=0x7fffffffd"

static int exec_held(void)
{
    static char argument[LONG + 1];

    memset(argument, 'x', LONG);
    execl("/bin/busybox", "true", argument, (char *)NULL);
    return 1;
}

/* Bytes of /proc/PID/`name`, and what they are. */
static ssize_t told(pid_t process, const char *name, char *text, size_t size)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
    memset(text, 0, size);
    if (strcmp(name, "exe") == 0)
        return readlink(path, text, size - 1);
    int file = open(path, O_RDONLY);
    ssize_t length = read(file, text, size - 1);
    close(file);
    return length;
}

static void test_program(pid_t process)
{
    char text[4096];

    told(process, "comm", text, sizeof(text));
    check(strcmp(text, "busybox\n") == 0, "its name is the new program's");
    note("%s", text);
    told(process, "exe", text, sizeof(text));
    check(strcmp(text, "/bin/busybox") == 0, "its file is");
    note("%s", text);
    told(process, "maps", text, sizeof(text));
    check(strstr(text, "/bin/busybox") && !strstr(text, "exec-seen"), "its memory is");
    check_equal(told(process, "cmdline", text, sizeof(text)), 0,
                "none of its arguments is told");
    check_equal(told(process, "environ", text, sizeof(text)), 0, "nor its environment");
    check_equal(told(process, "auxv", text, sizeof(text)), 0, "nor its vector");
}

static const struct held_step steps[] = {{"exec", exec_held}, {NULL, NULL}};

int main(int argc, char **argv)
{
    held_main(argc, argv, steps);
    if (!on_faultline()) {
        check_skip("needs /proc/PID/faults", "a process between two programs");
        return tap_end();
    }
    held_begin();
    struct held held = held_start("exec", MIDDLE);
    test_program(held.process);
    check_equal(held_end(&held), 0, "the new program runs");
    return tap_end();
}
