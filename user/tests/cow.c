/* cow.c - copy-on-write, counted: fork copies no page; a write copies one; the last holder
 * of a page copies nothing. And whoever writes, nobody else sees it. */
#define _GNU_SOURCE
#include "user/lib/child.h"
#include "user/lib/counters.h"
#include "user/lib/tap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 1000, WRITTEN = 100 };

static volatile char *region;
static volatile long *told; /* what the child counted */
static struct turns turns;

static void pages_write(int first, int count, char value)
{
    for (int i = first; i < first + count; i++)
        region[i * PAGE] = value;
}

static int pages_holding(int first, int count, char value)
{
    int holding = 0;

    for (int i = first; i < first + count; i++)
        holding += region[i * PAGE] == value;
    return holding;
}

static int child_reads(void *unused)
{
    (void)unused;
    faults_now();
    long before = faults_now();
    int right = pages_holding(0, PAGES, 1);
    told[0] = faults_now() - before;
    return right != PAGES;
}

static int child_writes(void *unused)
{
    (void)unused;
    faults_now();
    long before = faults_now();
    pages_write(0, WRITTEN, 2);
    told[0] = faults_now() - before;
    before = faults_now();
    pages_write(0, WRITTEN, 3);
    told[1] = faults_now() - before;
    return pages_holding(0, WRITTEN, 3) != WRITTEN ||
           pages_holding(WRITTEN, PAGES - WRITTEN, 1) != PAGES - WRITTEN;
}

static void test_child(void)
{
    check_equal(child_run(child_reads, NULL), 0, "a child reads 1000 inherited pages");
    counted_equal(told[0], 0, "without a fault");
    check_equal(child_run(child_writes, NULL), 0, "a child writes 100 of them");
    counted_equal(told[0], WRITTEN, "each first write is a fault");
    counted_equal(told[1], 0, "each second write is none");
    check_equal(pages_holding(0, PAGES, 1), PAGES, "the parent sees nothing of it");
    long before = faults_now();
    pages_write(0, PAGES, 1);
    counted_equal(faults_now() - before, PAGES,
                  "the parent, alone again, takes one fault a page (and copies nothing)");
    before = faults_now();
    pages_write(0, PAGES, 1);
    counted_equal(faults_now() - before, 0, "and then none");
}

static int child_looks_later(void *unused)
{
    (void)unused;
    turn_of_parent(&turns);
    return pages_holding(0, PAGES, 1) != PAGES;
}

static void test_parent(void)
{
    struct page_look before, after;

    turns_open(&turns);
    bool looked = page_look(0, (void *)region, &before);
    pid_t child = child_start(child_looks_later, NULL);
    long faults = faults_now();
    pages_write(0, WRITTEN, 4);
    counted_equal(faults_now() - faults, WRITTEN,
                  "the parent writes 100 pages: 100 faults");
    looked = looked && page_look(0, (void *)region, &after);
    turn_to_child(&turns, 'x');
    check_equal(child_wait(child), 0, "the child still sees what it inherited");
    if (!looked)
        check_skip("frames are not told here", "the parent's page has a new frame");
    else
        check(before.frame != after.frame, "the parent's page has a new frame");
    turns_close(&turns);
}

static int child_ends(void *unused)
{
    (void)unused;
    return 0;
}

static void test_last_holder(void)
{
    struct page_look before, after;

    child_run(child_ends, NULL);
    bool looked = page_look(0, (void *)region, &before);
    long free_before = memory_free();
    pages_write(0, PAGES, 5);
    long taken = (free_before - memory_free()) / 4;
    looked = looked && page_look(0, (void *)region, &after);
    if (!looked)
        check_skip("frames are not told here", "the last holder keeps its frame");
    else
        check_equal(after.frame, before.frame, "the last holder keeps its frame");
    if (on_faultline())
        check(taken < 16, "1000 writes by the last holder take no memory");
    else
        check_skip("others use memory here", "1000 writes take no memory");
}

static int grandchild_writes(void *unused)
{
    (void)unused;
    pages_write(0, 1, 7);
    return region[0] != 7;
}

static int child_forks(void *unused)
{
    (void)unused;
    pages_write(1, 1, 6);
    if (child_run(grandchild_writes, NULL) != 0 || region[0] != 5)
        return 1;
    pages_write(0, 1, 8);
    return region[0] != 8 || region[1 * PAGE] != 6;
}

static void test_generations(void)
{
    check_equal(child_run(child_forks, NULL), 0, "three generations each keep their own");
    check(region[0] == 5 && region[PAGE] == 5, "and the first sees nothing of the others");
}

static int child_system_call_writes(void *pipe_end)
{
    /* The kernel's own write must unshare too. */
    return read(*(int *)pipe_end, (void *)region, 4) != 4 || region[0] != 'd';
}

static void test_kernel_writes(void)
{
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], "data", 4) != 4)
        bail("pipe");
    check_equal(child_run(child_system_call_writes, &ends[0]), 0,
                "a child's read(2) into an inherited page");
    check_equal(region[0], 5, "does not reach the parent's");
    close(ends[0]), close(ends[1]);
}

static int child_writes_shared(void *page)
{
    *(volatile int *)page = 42;
    return 0;
}

static void test_shared(void)
{
    volatile int *page = shared_page();

    child_run(child_writes_shared, (void *)page);
    check_equal(*page, 42, "a shared page is not copied: the child's write is seen");
    munmap((void *)page, PAGE);
}

int main(void)
{
    program_touch();
    told = shared_page();
    region = region_map(PAGES);
    pages_write(0, PAGES, 1);
    test_child();
    test_parent();
    test_last_holder();
    test_generations();
    test_kernel_writes();
    test_shared();
    return tap_end();
}
