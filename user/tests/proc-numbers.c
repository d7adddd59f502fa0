/* proc-numbers.c - numbers as they are written to files of /proc: blanks, signs, bases, what comes
 * behind them, and those that are too long. Nothing is set to what it is not already. */
#include "user/lib/counters.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ADJUST  "/proc/self/oom_score_adj"
#define REFS    "/proc/self/clear_refs"
#define SETTING "/proc/sys/vm/overcommit_ratio"

struct written {
    const char *text;
    long answer;
};

static long write_to(const char *path, const char *text, size_t length)
{
    int file = open(path, O_WRONLY);
    long done = file < 0 ? -errno : raw3(SYS_write, file, (long)text, (long)length);

    close(file);
    return done;
}

static void try_all(const char *path, const struct written *list, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char shown[40];
        unsigned at = 0;
        for (; list[i].text[at] && at < sizeof(shown) - 1; at++)
            shown[at] = list[i].text[at] == '\n' ? '$' : list[i].text[at];
        shown[at] = '\0';
        check_equal(write_to(path, list[i].text, strlen(list[i].text)), list[i].answer,
                    "'%s' to %s", shown, strrchr(path, '/') + 1);
    }
}

#define TRY_ALL(path, list) try_all(path, list, sizeof(list) / sizeof((list)[0]))

static void test_adjust(void)
{
    static const struct written list[] = {
        {"+0", 2},
        {" 0", 2},
        {"\t0 ", 3},
        {"0\n", 2},
        {"-0", 2},
        {"0x0", 3},
        {"000", 3},
        {"0000000000005", 12},
        {"0x10", 4},
        {"021", 3},
        {"022\n\n\n\n\n\n\n\n\n\n\n\n", 12},
        {"08", -EINVAL},
        {"0x", -EINVAL},
        {"0xg", -EINVAL},
        {"5 6", -EINVAL},
        {"5x", -EINVAL},
        {"--5", -EINVAL},
        {"-+5", -EINVAL},
        {"+-5", -EINVAL},
        {"- 5", -EINVAL},
        {"", -EINVAL},
        {"\n", -EINVAL},
        {"+", -EINVAL},
        {"1001", -EINVAL},
        {"-1001", -EINVAL},
        {"2147483647", -EINVAL},
        {"-2147483648", -EINVAL},
        {"2147483648", -ERANGE},
        {"-2147483649", -ERANGE},
        {"999999999999", -ERANGE},
    };

    TRY_ALL(ADJUST, list);
    check_equal(number_read(ADJUST), 18, "the last good one is what is read");
    check_equal(write_to(ADJUST, "19\0006", 4), 4, "a NUL ends it");
    check_equal(number_read(ADJUST), 19, "there");
}

static void test_refs(void)
{
    static const struct written list[] = {
        {"1", 1},
        {" 1", 2},
        {"1 ", 2},
        {"01", 2},
        {"+1", 2},
        {"1\n", 2},
        {"3", 1},
        {"5", 1},
        {"0x1", -EINVAL},
        {"1x", -EINVAL},
        {"1 2", -EINVAL},
        {"", -EINVAL},
        {"0", -EINVAL},
        {"6", -EINVAL},
        {"-1", -EINVAL},
        {"abc", -EINVAL},
        {"99999999999", -ERANGE},
    };

    TRY_ALL(REFS, list);
}

/* A setting of one number: what stands behind it is for another write. */
static void test_setting(void)
{
    static const struct written refused[] = {
        {"x", -EINVAL},    {"50x", -EINVAL},        {" ", -EINVAL},
        {"\n", -EINVAL},   {"+50", -EINVAL},        {"- 50", -EINVAL},
        {"0x", -EINVAL},   {"2147483648", -EINVAL}, {"99999999999999999999", -EINVAL},
        {"--1", -EINVAL},  {"-", -EINVAL},          {"000000000000000000050", -EINVAL},
        {"50,3", -EINVAL},
    };
    long before = number_read(SETTING);
    char text[40];

    if (write_to(SETTING, "", 0) != 0) {
        check_skip("not allowed here", "settings");
        return;
    }
    check(true, "nothing changes nothing");
    TRY_ALL(SETTING, refused);
    check_equal(number_read(SETTING), before, "what is refused changes nothing");
    static const char *const forms[] = {"%ld",   " %ld", "\n%ld\t ",
                                        "0x%lx", "0%lo", "%ld\n"};
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        int length = snprintf(text, sizeof(text), forms[i], before);
        check_equal(write_to(SETTING, text, (size_t)length), length, "form %u", i);
        check_equal(number_read(SETTING), before, "is the number it says");
    }
    int length = snprintf(text, sizeof(text), "%ld ", before);
    strcat(text, "77");
    check_equal(write_to(SETTING, text, strlen(text)), length,
                "two numbers: the first is taken");
    int file = open(SETTING, O_WRONLY);
    lseek(file, 3, SEEK_SET);
    check_equal(raw3(SYS_write, file, (long)"77", 2), 2, "what is not at the beginning");
    close(file);
    check_equal(number_read(SETTING), before, "does nothing");
}

int main(void)
{
    test_adjust();
    test_refs();
    test_setting();
    return tap_end();
}
