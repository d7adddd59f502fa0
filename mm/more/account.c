/* mm/more/account.c - accounts begin and end.  See mm/account.h for the idea.
 *
 * An account outlives its program while anything is charged to it: a file that was written
 * remains its writer's, though there is nobody left to be ended for it. */
#include "mm/account.h"

#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space.h"

static struct slab_cache account_cache = SLAB_CACHE("account", struct account);

struct account kernel_account = {.spaces = 1};
struct account *account_current = &kernel_account;
struct account *account_first = &kernel_account;

static struct account *account_create(void)
{
    struct account *account = slab_take_for(&account_cache, &kernel_account);
    if (account == NULL)
        return NULL;
    account->next = account_first;
    account_first->previous = account;
    account_first = account;
    return account;
}

struct space *account_open(void)
{
    struct account *account = account_create();
    if (account == NULL)
        return NULL;
    account_charge(account, ACCOUNT_BYTES,
                   1); /* it stays, space or not, until the next line */
    struct space *space = space_create(account);
    account_uncharge(account, ACCOUNT_BYTES, 1);
    return space;
}

void account_look(struct account *account)
{
    if (account->spaces > 0)
        return;
    for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
        if (account->held[kind] > 0)
            return;
    *(account->previous != NULL ? &account->previous->next : &account_first) =
        account->next;
    account->next->previous = account->previous; /* the kernel's is the last */
    slab_give(&account_cache, account);
}

void account_join(struct account *account, const struct space *space)
{
    if (account->spaces++ == 0)
        account->first = space;
}

void account_leave(struct account *account, const struct space *space)
{
    ASSERT(account->spaces > 0);
    if (account->first == space)
        account->first = NULL;
    if (--account->spaces == 0)
        account_look(account);
}

uint64_t account_total(const struct account *account)
{
    const uint64_t *held = account->held;
    return held[ACCOUNT_PAGES] + held[ACCOUNT_TABLES] + held[ACCOUNT_FRAMES] +
           held[ACCOUNT_STACKS] + held[ACCOUNT_BYTES] / PAGE_SIZE;
}
