/* futex-several.c - sleeping on several words at once (futex_waitv), until one of them is woken. */
#define _GNU_SOURCE
#include "user/lib/after.h"
#include "user/lib/child.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_32 = 2, FUTEX_PRIVATE = 128, WAITV = 449 };

static volatile uint32_t words[2];

static long wake(volatile uint32_t *word)
{
    return raw6(SYS_futex, (long)word, FUTEX_WAKE, 9, 0, 0, 0);
}

struct wish {
    uint64_t value, address;
    uint32_t flags, reserved;
};

static struct wish wish_of(const volatile void *word, uint32_t flags)
{
    return (struct wish){0, (uintptr_t)word, flags, 0};
}

static long wait_many(const struct wish *wishes, unsigned count, const void *until)
{
    return raw6(WAITV, (long)wishes, count, 0, (long)until, CLOCK_MONOTONIC, 0);
}

static void test_many_refused(struct wish *wishes)
{
    check_equal(wait_many(wishes, 0, NULL), -EINVAL, "of no words none is waited for");
    check_equal(wait_many(wishes, 129, NULL), -EINVAL, "nor of more than 128");
    check_equal(wait_many((void *)16, 1, NULL), -EFAULT, "the list is there");
    wishes[1].flags = FUTEX_PRIVATE;
    check_equal(wait_many(wishes, 2, NULL), -EINVAL, "a word has 32 bits");
    wishes[1] = wish_of((char *)words + 1, FUTEX_32);
    check_equal(wait_many(wishes, 2, NULL), -EINVAL, "and is aligned");
    wishes[1].address = 0;
    words[0] = 1;
    check_equal(wait_many(wishes, 2, NULL), -EFAULT, "all words are looked for first");
    wishes[1] = wish_of(&words[1], FUTEX_32);
    check_equal(wait_many(wishes, 2, NULL), -EAGAIN, "then at what they say");
    words[0] = 0;
    check_equal(wake(&words[0]), 0, "nobody is left there");
}

static int wake_third(void *word)
{
    while (wake(word) == 0)
        usleep(1000);
    return 0;
}

static void *wait_for_all(void *wishes)
{
    struct timespec until = after_ms(CLOCK_MONOTONIC, 5000);

    return (void *)wait_many(wishes, 128, &until);
}

int main(void)
{
    uint32_t *page = shared_page();
    struct wish wishes[128];
    struct timespec until = after_ms(CLOCK_MONOTONIC, 20);
    pthread_t thread;
    void *which;

    for (int i = 0; i < 128; i++)
        wishes[i] = wish_of(&page[i], FUTEX_32);
    wishes[0] = wish_of(&words[0], FUTEX_32 | FUTEX_PRIVATE);
    test_many_refused((struct wish[]){wish_of(&words[0], FUTEX_32), wishes[1]});
    check_equal(wait_many(wishes, 128, &until), -ETIMEDOUT, "until a time");
    struct timespec now = after_ms(CLOCK_MONOTONIC, 0);
    check(now.tv_sec > until.tv_sec ||
              (now.tv_sec == until.tv_sec && now.tv_nsec >= until.tv_nsec),
          "not before it");
    pid_t child = child_start(wake_third, page + 3);
    check_equal(wait_many(wishes, 128, NULL), 3, "which of them another process woke");
    check_equal(child_wait(child), 0, "there was one to wake");
    pthread_create(&thread, NULL, wait_for_all, wishes);
    usleep(20000);
    check_equal(raw6(SYS_futex, (long)&page[7], FUTEX_REQUEUE, 0, 1, (long)&page[200], 0),
                1, "who waits for several may be moved on one");
    check_equal(wake(&page[200]), 1, "and woken there");
    pthread_join(thread, &which);
    check_equal((long)which, 7, "it is told which it was");
    check_equal(wake(&page[9]), 0, "and waits for none");
    return tap_end();
}
