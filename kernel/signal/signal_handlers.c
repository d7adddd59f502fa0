/* kernel/signal/signal_handlers.c - what a process wants done with each signal: a table,
 * copied by fork and shared by threads. */
#include "kernel/process/process.h"
#include "lib/string.h"
#include "mm/mm.h"

struct signal_handlers *signal_handlers_create(void)
{
    struct signal_handlers *handlers = heap_take(sizeof(*handlers));
    if (handlers)
        handlers->references = 1;
    return handlers;
}

struct signal_handlers *signal_handlers_copy(const struct signal_handlers *handlers)
{
    struct signal_handlers *copy = signal_handlers_create();
    if (copy) {
        copy->told = handlers->told;
        memcpy(copy->action, handlers->action, sizeof(copy->action));
    }
    return copy;
}

void signal_handlers_release(struct signal_handlers *handlers)
{
    if (--handlers->references == 0)
        heap_give(handlers, sizeof(*handlers));
}

bool signal_handlers_reset(struct process *process)
{
    if (process->handlers->references > 1) {
        struct signal_handlers *own = signal_handlers_copy(process->handlers);
        if (!own)
            return false;
        signal_handlers_release(process->handlers);
        process->handlers = own;
    }
    for (uint64_t told = process->handlers->told; told; told &= told - 1) {
        struct signal_action *action = &process->handlers->action[__builtin_ctzll(told)];
        uint64_t kept = action->handler == SIG_IGN ? SIG_IGN : SIG_DFL;
        *action = (struct signal_action){.handler = kept};
    }
    return true;
}
