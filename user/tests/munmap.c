/* munmap.c - giving addresses back: in part, from the middle, over holes; and that the
 * memory really goes. */
#define _GNU_SOURCE
#include "user/lib/counters.h"
#include "user/lib/probe.h"
#include "user/lib/raw.h"
#include "user/lib/tap.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

static bool mapped(const char *address)
{
    return !probe(ACCESS_READ, (uintptr_t)address).refused;
}

static char *region_of_marks(int pages)
{
    char *region = region_map(pages);

    for (int i = 0; i < pages; i++)
        region[i * PAGE] = i + 1;
    return region;
}

static void test_parts(void)
{
    char *region = region_of_marks(6);

    check_equal(munmap(region, PAGE), 0, "the first page goes");
    check(!mapped(region) && mapped(region + PAGE), "and only that one");
    check_equal(munmap(region + 5 * PAGE, PAGE), 0, "the last page goes");
    check(!mapped(region + 5 * PAGE) && mapped(region + 4 * PAGE), "and only that one");
    check_equal(munmap(region + 2 * PAGE, PAGE), 0, "one from the middle goes");
    check(!mapped(region + 2 * PAGE), "a hole is left");
    check(region[PAGE] == 2 && region[3 * PAGE] == 4 && region[4 * PAGE] == 5,
          "both sides keep what they hold");
    check_equal(munmap(region, 6 * PAGE), 0, "a range with holes can be given back");
    check(!mapped(region + PAGE) && !mapped(region + 4 * PAGE), "all of it is gone");
    check_equal(munmap(region, 6 * PAGE), 0, "a range where nothing is as well");
}

static void test_several(void)
{
    char *region = region_of_marks(4);

    mprotect(region + PAGE, PAGE, PROT_READ);
    mprotect(region + 2 * PAGE, PAGE, PROT_NONE);
    check_equal(munmap(region + PAGE, 2 * PAGE), 0, "across regions of different rights");
    check(region[0] == 1 && region[3 * PAGE] == 4 && !mapped(region + PAGE),
          "what lies outside stays");
    munmap(region, 4 * PAGE);
}

static void test_refused(void)
{
    char *region = region_of_marks(1);

    check_equal(raw3(SYS_munmap, (long)region + 1, PAGE, 0), -EINVAL,
                "an address inside a page");
    check_equal(raw3(SYS_munmap, (long)region, 0, 0), -EINVAL, "length 0");
    check_equal(raw3(SYS_munmap, (long)region, -1, 0), -EINVAL, "a length that wraps");
    check_equal(raw3(SYS_munmap, -4096L * 16, PAGE, 0), -EINVAL, "a kernel address");
    check_equal(raw3(SYS_munmap, 0x7ffffffff000, 2 * PAGE, 0), -EINVAL,
                "a range that leaves user addresses");
    check_equal(region[0], 1, "nothing was lost by it");
    munmap(region, PAGE);
}

static void test_memory_returns(void)
{
    enum { PAGES = 512 };
    char *region = region_of_marks(PAGES);
    long frames[PAGES];

    if (!frames_look(region, PAGES, frames)) {
        check_skip("no frames are told here", "frames");
    } else {
        long with = 0;
        for (int i = 0; i < PAGES; i++)
            with += frames[i] >= 0;
        counted_equal(with, PAGES, "each touched page has a frame");
    }
    pages_resident(); /* the first time may take pages of its own */
    long resident = pages_resident();
    munmap(region, PAGES * PAGE);
    counted_near(pages_resident(), resident - PAGES, on_faultline() ? 0 : 256,
                 "resident pages fall by what is given back");
    region = region_map(PAGES);
    long sum = 0;
    for (int i = 0; i < PAGES * PAGE; i++)
        sum += region[i];
    check_equal(sum, 0, "what is mapped next is zero again");
    munmap(region, PAGES * PAGE);
}

int main(void)
{
    program_touch();
    test_parts();
    test_several();
    test_refused();
    test_memory_returns();
    return tap_end();
}
