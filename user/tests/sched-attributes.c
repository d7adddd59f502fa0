/* sched-attributes.c - sched_setattr and sched_getattr: old sizes and new, what may be asked. */
#define _GNU_SOURCE
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* As the call has it, and more than it has. */
struct attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t least, most;
    uint64_t more[2];
};

static long attributes_set(struct attributes *wanted)
{
    return raw3(SYS_sched_setattr, 0, (long)wanted, 0);
}

static void test_attributes_size(void)
{
    struct attributes wanted = {.size = 47};

    check_equal(attributes_set(&wanted), -E2BIG, "smaller than the first was");
    check_equal(wanted.size, 56, "is told how large it is");
    wanted = (struct attributes){.size = 64, .more = {1}};
    check_equal(attributes_set(&wanted), -E2BIG, "more than is known");
    wanted = (struct attributes){.size = 64};
    check_equal(attributes_set(&wanted), 0, "but zeroes");
    wanted = (struct attributes){.size = 0};
    check_equal(attributes_set(&wanted), 0, "no size is the first's");
    check_equal(raw3(SYS_sched_setattr, 0, 16, 0), -EFAULT, "nothing there");
    check_equal(raw3(SYS_sched_setattr, 0, (long)&wanted, 1), -EINVAL, "flags of the call");
    check_equal(raw3(SYS_sched_setattr, 0x3fffff, (long)&wanted, 0), -ESRCH, "nobody");
}

static void test_attributes(void)
{
    struct attributes wanted = {.size = 48, .policy = 3, .flags = 1, .nice = 100}, told;

    test_attributes_size();
    check_equal(attributes_set(&wanted), 0, "SCHED_BATCH");
    memset(&told, 0xff, sizeof(told));
    check_equal(raw6(SYS_sched_getattr, 0, (long)&told, sizeof(told), 0, 0, 0), 0,
                "is told");
    check(told.size == 56 && told.policy == 3 && told.flags == 1 && told.nice == 19 &&
              told.priority == 0 && told.deadline == 0,
          "with the niceness, which has a limit, and that a child does not inherit it");
    check(told.more[0] == 0 && told.more[1] == 0, "and what is behind is cleared");
    check_equal(getpriority(PRIO_PROCESS, 0), 19, "setpriority's");
    wanted = (struct attributes){.size = 48, .flags = 8, .nice = 7};
    check_equal(attributes_set(&wanted), 0, "another niceness, the policy kept");
    wanted = (struct attributes){.size = 48, .flags = 16, .nice = 3};
    check_equal(attributes_set(&wanted), 0, "all kept");
    raw6(SYS_sched_getattr, 0, (long)&told, 48, 0, 0, 0);
    check(told.size == 48 && told.policy == 3 && told.nice == 7, "as it was");
    check_equal(raw6(SYS_sched_getattr, 0, (long)&told, 47, 0, 0, 0), -EINVAL, "too small");
    wanted = (struct attributes){.size = 48, .policy = 0, .priority = 1};
    check_equal(attributes_set(&wanted), -EINVAL, "a priority is real time's");
    wanted = (struct attributes){.size = 48, .policy = 1};
    check_equal(attributes_set(&wanted), -EINVAL, "which has one");
    wanted = (struct attributes){.size = 56, .flags = 0x20};
    check_equal(attributes_set(&wanted), -EOPNOTSUPP, "how fast the processor is");
    wanted = (struct attributes){.size = 48, .policy = 4};
    check_equal(attributes_set(&wanted), -EINVAL, "no such policy");
    wanted = (struct attributes){.size = 48, .flags = 0x80};
    check_equal(attributes_set(&wanted), -EINVAL, "nor flag");
}

int main(void)
{
    test_attributes();
    return tap_end();
}
