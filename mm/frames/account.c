/* mm/frames/account.c - accounts begin and end.  See account.h for the idea.
 *
 * An account outlives its program while anything is charged to it: a file that was written
 * remains its writer's, though there is nobody left to be ended for it. And while two others
 * descend from it, for it says that they are of one family; but one that has only one child
 * says nothing, and so a row of programs that each begin the next does not grow. The account
 * itself is the kernel's: it goes after all that is charged to it. */
#include "mm/frames/account.h"

#include "mm/frames/frame.h"
#include "mm/frames/slab.h"

static struct slab_cache account_cache = SLAB_CACHE("account", struct account);

struct account kernel_account = {.spaces = 1};
struct account *account_first = &kernel_account;

/* --- The tree ----------------------------------------------------------------------------- */

static void child_add(struct account *parent, struct account *child)
{
    child->parent = parent;
    child->younger = NULL;
    child->older = parent->child;
    if (child->older != NULL)
        child->older->younger = child;
    parent->child = child;
}

static void child_remove(const struct account *child)
{
    *(child->younger != NULL ? &child->younger->older : &child->parent->child) =
        child->older;
    if (child->older != NULL)
        child->older->younger = child->younger;
}

struct account *account_branch(struct account *account, const struct account *family)
{
    while (account != NULL && account->parent != family)
        account = account->parent;
    return account;
}

/* --- Beginning and end ---------------------------------------------------------------------- */

struct account *account_create(struct account *parent)
{
    struct account *account = slab_take_for(&account_cache, &kernel_account);
    if (account == NULL)
        return NULL;
    account->next = account_first;
    account_first->previous = account;
    account_first = account;
    child_add(parent, account);
    return account;
}

/* Neither has it anything, nor does it keep children together. */
static bool account_is_over(const struct account *account)
{
    if (account->spaces > 0 || (account->child != NULL && account->child->older != NULL))
        return false;
    for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
        if (account->held[kind] > 0)
            return false;
    return true;
}

static void account_end(struct account *account) REQUIRES(mm)
{
    struct account *heir = account->child;
    child_remove(account);
    if (heir != NULL)
        child_add(account->parent, heir);
    *(account->previous != NULL ? &account->previous->next : &account_first) =
        account->next;
    account->next->previous = account->previous; /* the kernel's is the last */
    slab_give_locked(&account_cache, account);
}

void account_look(struct account *account)
{
    while (account_is_over(account)) {
        struct account *parent = account->parent;
        account_end(account);
        account = parent; /* which may have one child now, or none */
    }
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
    uint64_t frames_ = held[ACCOUNT_PAGES] + held[ACCOUNT_TABLES] + held[ACCOUNT_FRAMES] +
                       held[ACCOUNT_STACKS];
    return frames_ * PAGE_SIZE + held[ACCOUNT_BYTES] + sizeof(*account);
}
