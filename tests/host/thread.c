/* tests/host/thread.c - switching stacks.  See thread.h for the idea. */
#include "tests/host/thread.h"

#include "tests/host/machine.h"
#include "tests/host/processors.h"

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <sys/mman.h>

#define STACK_SIZE (256ul << 10)

struct thread threads[THREADS_MAX + 2];
struct thread *thread_current;

static void *scheduler_stack_pointer;
static const void *scheduler_stack;
static size_t scheduler_stack_size;

/* Save the callee-saved registers and the stack pointer, go on with another stack. */
void stack_switch(void **save, void *stack_pointer);
__asm__(".text\n"
        "stack_switch:\n"
        "    push %rbp\n"
        "    push %rbx\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov %rsp, (%rdi)\n"
        "    mov %rsi, %rsp\n"
        "    pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbx\n"
        "    pop %rbp\n"
        "    ret\n");

static void thread_start(void)
{
    __sanitizer_finish_switch_fiber(NULL, &scheduler_stack, &scheduler_stack_size);
    struct thread *self = thread_current;
    if (processor_count > 1)
        processors_arrive();
    self->run(self);
    self->state = THREAD_NONE;
    __sanitizer_start_switch_fiber(NULL, scheduler_stack, scheduler_stack_size);
    void *forgotten;
    stack_switch(&forgotten, scheduler_stack_pointer);
    __builtin_unreachable();
}

/* Put a thread in its place, with a stack to begin on. */
static void thread_place(struct thread *thread, struct space *space,
                         void (*run)(struct thread *self))
{
    void *stack = thread->stack;
    if (!stack)
        stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
    if (stack == MAP_FAILED)
        host_fail("no memory for a stack");
    __asan_unpoison_memory_region(stack, STACK_SIZE);
    *thread = (struct thread){.state = THREAD_READY,
                              .space = space,
                              .run = run,
                              .number = (uint32_t)(thread - threads)};
    thread->stack = stack;
    uintptr_t *top = (uintptr_t *)((char *)stack + STACK_SIZE);
    *--top = 0; /* the stack is aligned as if thread_start had been called */
    *--top = (uintptr_t)thread_start;
    top -= 6;
    thread->stack_pointer = top;
}

struct thread *thread_create(struct space *space, void (*run)(struct thread *self))
{
    for (uint32_t i = 0; i < THREADS_MAX; i++) {
        struct thread *thread = &threads[i];
        if (thread->state != THREAD_NONE || thread == thread_current)
            continue;
        thread_place(thread, space, run);
        return thread;
    }
    return NULL;
}

void thread_daemon(unsigned number, void (*run)(struct thread *self))
{
    thread_place(&threads[number], NULL, run);
}

void thread_resume(struct thread *thread)
{
    thread_current = thread;
    void *fake = NULL;
    __sanitizer_start_switch_fiber(&fake, thread->stack, STACK_SIZE);
    stack_switch(&scheduler_stack_pointer, thread->stack_pointer);
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
    thread_current = NULL;
}

void thread_switch_away(void)
{
    void *fake = NULL;
    __sanitizer_start_switch_fiber(&fake, scheduler_stack, scheduler_stack_size);
    stack_switch(&thread_current->stack_pointer, scheduler_stack_pointer);
    __sanitizer_finish_switch_fiber(fake, &scheduler_stack, &scheduler_stack_size);
}

void thread_yield(void)
{
    if (processor_count > 1)
        processors_yield();
    else
        thread_switch_away();
}

unsigned threads_alive(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < THREADS_MAX; i++)
        count += threads[i].state != THREAD_NONE;
    return count;
}
