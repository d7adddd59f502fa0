/* tests/host/test_account.c - whose memory it is: charged once, to the program, until it ends. */
#include "mm/frames/account.h"

#include "mm/address_spaces/space.h"
#include "mm/check/audit.h"
#include "mm/demand_paging/object.h"
#include "mm/demand_paging/space_fork.h"
#include "mm/frames/frame.h"
#include "tests/host/unit.h"

static unsigned accounts(void)
{
    unsigned count = 0;
    for (const struct account *at = account_first; at != NULL; at = at->next)
        count++;
    return count;
}

static void each_kind_is_charged_and_given_back(void **state)
{
    (void)state;
    unsigned before = accounts();
    struct space *space = unit_space();
    uint64_t *held = space->account->held, bytes = held[ACCOUNT_BYTES];
    assert_int_equal(held[ACCOUNT_TABLES], 1); /* the root */
    unit_map(space, HERE, 3, R | W);
    assert_true(held[ACCOUNT_BYTES] > bytes); /* a region */
    for (unsigned i = 0; i < 3; i++)
        unit_write(space, HERE + PAGES(i), i);
    assert_int_equal(held[ACCOUNT_PAGES], 3);
    assert_int_equal(held[ACCOUNT_TABLES], 5); /* three below it, and links */
    frame_t frame = frame_take(FRAME_FOR_KERNEL, FRAME_KERNEL);
    assert_int_equal(held[ACCOUNT_FRAMES], 1);
    frame_free(frame);
    assert_int_equal(held[ACCOUNT_FRAMES], 0);
    assert_int_equal(accounts(), before + 1);
    space_release(space);
    assert_int_equal(accounts(), before);
}

static void fork_inherits_and_exec_opens(void **state)
{
    (void)state;
    struct space *parent = unit_space();
    unit_map(parent, HERE, 2, R | W);
    unit_write(parent, HERE, 1);
    unit_write(parent, HERE + PAGES(1), 2);
    struct space *child = space_fork(parent), *other = unit_space();
    const struct account *account = parent->account;
    assert_ptr_equal(child->account, account);
    assert_ptr_not_equal(other->account, account);
    assert_int_equal(account->spaces, 2);
    assert_ptr_equal(account->first, parent);
    assert_int_equal(account->held[ACCOUNT_PAGES], 2); /* shared: once */
    space_load(child);
    unit_write(child, HERE, 3);
    assert_int_equal(account->held[ACCOUNT_PAGES], 3);
    space_release(parent);
    assert_null(account->first);
    assert_int_equal(account->held[ACCOUNT_PAGES], 2);
    space_release(child);
    space_release(other);
}

/* A file remains its writer's. */
static void an_account_outlives_its_program(void **state)
{
    (void)state;
    unsigned before = accounts();
    struct space *space = unit_space();
    const struct account *account = space->account;
    struct object *object = object_create(NULL, 0, PAGES(1));
    unit_map_object(space, HERE, 1, R | W, true, object, 0);
    unit_write(space, HERE, 7);
    space_release(space);
    assert_int_equal(accounts(), before + 1);
    assert_int_equal(account->spaces, 0);
    assert_int_equal(account->held[ACCOUNT_PAGES], 1);
    object_release(object);
    assert_int_equal(accounts(), before);
}

static void opening_fails_whole(void **state)
{
    (void)state;
    unsigned before = accounts(), nth = 1;
    struct space *space = NULL;
    for (; space == NULL; nth++) {
        frame_fail_after = nth;
        space = space_open(&kernel_account);
        assert_int_equal(accounts(), before + (space != NULL));
    }
    frame_fail_after = 0;
    assert_true(nth > 2);
    space_release(space);
    assert_int_equal(accounts(), before);
}

static struct space *started_by(const struct space *by)
{
    struct space *space = space_open(by->account);
    assert_non_null(space);
    return space;
}

static void descent_is_kept_while_it_says_something(void **state)
{
    (void)state;
    unsigned before = accounts();
    struct space *shell = unit_space(), *starter = started_by(shell);
    struct space *one = started_by(starter), *other = started_by(starter);
    const struct account *middle = starter->account;
    assert_ptr_equal(middle->parent, shell->account);
    space_release(starter); /* it tells that these two are of one family */
    assert_ptr_equal(one->account->parent, middle);
    assert_ptr_equal(account_branch(other->account, shell->account), middle);
    assert_int_equal(accounts(), before + 4);
    space_release(other);
    assert_ptr_equal(one->account->parent, shell->account);
    assert_int_equal(accounts(), before + 2);
    assert_null(account_branch(shell->account, one->account));
    assert_int_equal(audit(), 0);
    space_release(one);
    space_release(shell);
    assert_int_equal(accounts(), before);
}

/* Each starts the next, and ends. */
static void a_row_does_not_grow(void **state)
{
    (void)state;
    unsigned before = accounts();
    struct space *shell = unit_space(), *last = started_by(shell);
    for (unsigned i = 0; i < 20; i++) {
        struct space *next = started_by(last);
        space_release(last);
        last = next;
    }
    assert_int_equal(accounts(), before + 2);
    assert_ptr_equal(last->account->parent, shell->account);
    space_release(last);
    space_release(shell);
}

void test_account(void)
{
    const struct CMUnitTest tests[] = {
        UNIT_TEST(each_kind_is_charged_and_given_back),
        UNIT_TEST(fork_inherits_and_exec_opens),
        UNIT_TEST(an_account_outlives_its_program),
        UNIT_TEST(opening_fails_whole),
        UNIT_TEST(descent_is_kept_while_it_says_something),
        UNIT_TEST(a_row_does_not_grow),
    };
    unit_add(tests);
}
