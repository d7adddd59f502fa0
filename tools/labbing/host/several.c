/* tools/labbing/host/several.c - several processors, of which one runs at a time.
 *
 * Each has a stack of its own, and begins what the judge says: a shootdown, the interrupt, the way
 * out. The functions are compiled as for a thread sanitizer, which is called before every access
 * to memory; here is what is called then. So between any two accesses another processor may go on,
 * and which one does, and for how many accesses, the judge decides. What a processor remembers is
 * the judge's to know: it is told of each translation that is forgotten, and of each interrupt
 * that is sent, at that moment. */
#include "arch/interrupts.h"
#include "arch/kernel_lock.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "arch/shootdown.h"
#include "arch/trap.h"
#include "tools/labbing/host/shootdown.h"

#include <stdarg.h>

/* Of what stands here the accesses are nobody's turn. */
#define OURS __attribute__((no_sanitize("thread")))

enum {
    WORDS_AT = 4096,
    WORDS = 200,
    STACK = 1 << 16,
    CONTEXT = 8192,
    MANY = 40,
    KERNEL_ROOT = 1
};
enum { LAST_NUMBER = 0xffffffff };

/* What is asked; the judge answers with a number (process.py has PANIC). */
enum question { FORGET_PAGE, FORGET_ALL, SEND, END_OF_INTERRUPT, PANIC = 6 };
/* What the judge has done, and what a processor begins (shootdown.py has the same names). */
enum call { RESET, SET, REQUEST, BEGIN, GO, LOOK };
enum { SHOOTDOWN, TRAP, USE, ENTER, FAULT, JOIN, LEAVE, REST, COPY, COPIED };
enum { MODE, DONE, ROOT };
/* Why a processor goes on no further. */
enum { TURN_OVER, WAITS, OVER };

struct processor processors[PROCESSORS_MOST];
struct processor *host_processor = &processors[0];
unsigned processor_count = 1;
uint64_t timer_ns_per_tsc, timer_entry_tsc;

static unsigned char *desk; /* words of a panic */
static uint64_t (*ask)(uint32_t question, uint64_t first, uint64_t second);

int vsnprintf(char *text, size_t size, const char *format, va_list arguments);
void *memcpy(void *to, const void *from, size_t length);
void *memset(void *memory, int byte, size_t length);

/* --- Stacks ------------------------------------------------------------------------------ */

/* The C library's, of the process that has loaded us; what is in one we do not need to know, but
 * for its second word and those behind: what comes after, and the stack. */
int getcontext(void *context);
void makecontext(void *context, void (*run)(void), int arguments, ...);
int swapcontext(void *save, const void *context);

/* A processor at work. */
static struct worker {
    _Alignas(16) unsigned char context[CONTEXT];
    _Alignas(16) unsigned char stack[STACK];
    bool busy;
    unsigned what;
    unsigned count;
    uint64_t words[MANY];
} workers[PROCESSORS_MOST];

static _Alignas(16) unsigned char judges[CONTEXT]; /* where driver_call goes on */
static struct worker *working;                     /* NULL: the judge's own hands */
static uint64_t turn, spent; /* accesses until it is over; those since it began */
static int why_over;         /* why */
static struct {
    bool is;
    uint32_t what;
    uint64_t first, second, answer;
} question;

OURS static void back_to_judge(int why)
{
    why_over = why;
    swapcontext(working->context, judges);
}

/* The judge is asked on its own stack. */
OURS static uint64_t ask_judge(uint32_t what, uint64_t first, uint64_t second)
{
    if (!working)
        return ask(what, first, second);
    question.is = true;
    question.what = what;
    question.first = first;
    question.second = second;
    swapcontext(working->context, judges);
    return question.answer;
}

OURS static unsigned long here(void)
{
    return working ? (unsigned long)(working - workers) : 0;
}

/* Before an access: what lies on the own stack nobody else sees. */
OURS static void point(const volatile void *at)
{
    if (!working)
        return;
    const unsigned char *byte = (const unsigned char *)at;
    if (byte >= working->stack && byte < working->stack + STACK)
        return;
    spent++;
    if (turn-- == 0)
        back_to_judge(TURN_OVER);
}

/* --- What a thread sanitizer would hear ------------------------------------------------------- */

#define HEARD(name)          \
    void name(void *at);     \
    OURS void name(void *at) \
    {                        \
        point(at);           \
    }
#define HEARD_SIZES(name) \
    HEARD(name##1)        \
    HEARD(name##2)        \
    HEARD(name##4)        \
    HEARD(name##8)        \
    HEARD(name##16)
HEARD_SIZES(__tsan_read)
HEARD_SIZES(__tsan_write)
HEARD_SIZES(__tsan_unaligned_read)
HEARD_SIZES(__tsan_unaligned_write)
HEARD_SIZES(__tsan_volatile_read)
HEARD_SIZES(__tsan_volatile_write)
HEARD_SIZES(__tsan_read_write)

#define QUIET(name, ...)        \
    void name(__VA_ARGS__);     \
    OURS void name(__VA_ARGS__) \
    {                           \
    }
QUIET(__tsan_init, void)
QUIET(__tsan_func_entry, void *from)
QUIET(__tsan_func_exit, void)
QUIET(__tsan_atomic_signal_fence, int order)

void __tsan_atomic_thread_fence(int order);
OURS void __tsan_atomic_thread_fence(int order)
{
    (void)order;
    point(NULL);
}

void __tsan_read_range(void *at, unsigned long size);
OURS void __tsan_read_range(void *at, unsigned long size)
{
    (void)size;
    point(at);
}
void __tsan_write_range(void *at, unsigned long size);
OURS void __tsan_write_range(void *at, unsigned long size)
{
    (void)size;
    point(at);
}
void *__tsan_memcpy(void *to, const void *from, unsigned long size);
OURS void *__tsan_memcpy(void *to, const void *from, unsigned long size)
{
    point(to);
    return memcpy(to, from, size);
}
void *__tsan_memset(void *at, int byte, unsigned long size);
OURS void *__tsan_memset(void *at, int byte, unsigned long size)
{
    point(at);
    return memset(at, byte, size);
}

/* Each is one step; only one processor runs. */
#define CHANGED(type, name, change)                          \
    type name(volatile type *at, type value, int order);     \
    OURS type name(volatile type *at, type value, int order) \
    {                                                        \
        (void)order;                                         \
        point(at);                                           \
        type before = *at;                                   \
        *at = (type)(change);                                \
        return before;                                       \
    }
#define ATOMIC(bits, type)                                                                 \
    type __tsan_atomic##bits##_load(const volatile type *at, int order);                   \
    OURS type __tsan_atomic##bits##_load(const volatile type *at, int order)               \
    {                                                                                      \
        (void)order;                                                                       \
        point(at);                                                                         \
        return *at;                                                                        \
    }                                                                                      \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order);            \
    OURS void __tsan_atomic##bits##_store(volatile type *at, type value, int order)        \
    {                                                                                      \
        (void)order;                                                                       \
        point(at);                                                                         \
        *at = value;                                                                       \
    }                                                                                      \
    CHANGED(type, __tsan_atomic##bits##_exchange, value)                                   \
    CHANGED(type, __tsan_atomic##bits##_fetch_add, before + value)                         \
    CHANGED(type, __tsan_atomic##bits##_fetch_sub, before - value)                         \
    CHANGED(type, __tsan_atomic##bits##_fetch_and, before &value)                          \
    CHANGED(type, __tsan_atomic##bits##_fetch_or, before | value)                          \
    CHANGED(type, __tsan_atomic##bits##_fetch_xor, before ^ value)                         \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type due,           \
                                                    type value, int order, int other);     \
    OURS type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type due,      \
                                                         type value, int order, int other) \
    {                                                                                      \
        (void)order, (void)other;                                                          \
        point(at);                                                                         \
        type before = *at;                                                                 \
        if (before == due)                                                                 \
            *at = value;                                                                   \
        return before;                                                                     \
    }                                                                                      \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *due,        \
                                                      type value, int order, int other);   \
    OURS int __tsan_atomic##bits##_compare_exchange_strong(                                \
        volatile type *at, type *due, type value, int order, int other)                    \
    {                                                                                      \
        type before =                                                                      \
            __tsan_atomic##bits##_compare_exchange_val(at, *due, value, order, other);     \
        int same = before == *due;                                                         \
        *due = before;                                                                     \
        return same;                                                                       \
    }                                                                                      \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *due,          \
                                                    type value, int order, int other);     \
    OURS int __tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *due,     \
                                                         type value, int order, int other) \
    {                                                                                      \
        return __tsan_atomic##bits##_compare_exchange_strong(at, due, value, order,        \
                                                             other);                       \
    }
ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

/* --- What the two files call ---------------------------------------------------------------- */

OURS void cpu_relax(void)
{
    if (working)
        back_to_judge(WAITS);
}

OURS uint64_t tsc_read(void)
{
    return 1;
}

/* The kernel's own translations are not played. */
OURS uint64_t cr4_read(void)
{
    return 0;
}

OURS void cr4_write(uint64_t value)
{
    (void)value;
}

OURS void halt_for_ever(void)
{
    for (;;)
        ask_judge(PANIC, 0, 0);
}

OURS void lapic_write(unsigned reg, uint32_t value)
{
    point(NULL);
    (void)value;
    if (reg == LAPIC_EOI)
        ask_judge(END_OF_INTERRUPT, here(), 0);
}

OURS void lapic_send(uint32_t id, uint32_t message)
{
    point(NULL);
    ask_judge(SEND, id, message);
}

OURS void tlb_flush_page(uintptr_t address)
{
    point(NULL);
    ask_judge(FORGET_PAGE, here(), address);
}

OURS void tlb_flush_user(void)
{
    point(NULL);
    ask_judge(FORGET_ALL, here(), 0);
}

OURS frame_t kernel_root(void)
{
    return (frame_t){KERNEL_ROOT};
}

OURS void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf((char *)desk + WORDS_AT, WORDS, format, arguments);
    va_end(arguments);
    for (;;)
        ask_judge(PANIC, 0, 0);
}

/* --- What child.py calls --------------------------------------------------------------------- */

OURS void driver_begin(unsigned char *memory, const uint64_t *numbers,
                       uint64_t (*judge)(uint32_t, uint64_t, uint64_t))
{
    (void)numbers;
    desk = memory;
    ask = judge;
}

/* A machine that has just begun: the first processor has the kernel's lock. `ids`: the LAPICs'. */
OURS static void reset(unsigned count, uint64_t number, const uint64_t *ids)
{
    processor_count = count;
    shootdown_reset(number);
    for (unsigned i = 0; i < PROCESSORS_MOST; i++) {
        struct processor *each = &processors[i];
        memset(each, 0, sizeof(*each));
        each->self = each;
        each->number = i;
        each->apic_id = i < count ? (uint32_t)ids[i] : UINT32_MAX;
        each->mode = i == 0 ? PROCESSOR_KERNEL : PROCESSOR_IDLE;
        each->done = number;
        each->root = kernel_root();
        each->begun = i < count;
        workers[i].busy = false;
    }
}

OURS static void set(struct processor *of, uint64_t field, uint64_t value)
{
    if (field == MODE)
        of->mode = (uint32_t)value;
    else if (field == DONE)
        of->done = value;
    else
        of->root = (frame_t){(uint32_t)value};
}

static void work(struct worker *self)
{
    struct processor *own = &processors[self - workers];
    uintptr_t addresses[MANY];
    switch (self->what) {
    case SHOOTDOWN:
        for (unsigned i = 0; i + 1 < self->count; i++)
            addresses[i] = self->words[i + 1];
        /* Beyond those that fit, a batch has no more than their number (mm/page_tables/flush.h). */
        shootdown((frame_t){(uint32_t)self->words[0]}, addresses, self->count - 1);
        break;
    case TRAP:
        trap_shootdown();
        break;
    case USE:
        shootdown_use(own, (uint32_t)self->words[0]);
        break;
    case ENTER:
        processor_enter();
        break;
    case FAULT:
        processor_fault();
        break;
    case JOIN:
        processor_join();
        break;
    case LEAVE:
        processor_leave();
        break;
    case REST:
        processor_rest();
        break;
    case COPY:
        processor_copy();
        break;
    case COPIED:
        processor_copied();
        break;
    }
}

OURS static void worker_run(void)
{
    struct worker *self = working;
    work(self);
    self->busy = false;
    for (;;)
        back_to_judge(OVER);
}

OURS static void begin(unsigned number, const uint64_t *words, unsigned count)
{
    struct worker *worker = &workers[number];
    worker->busy = true;
    worker->what = (unsigned)words[0];
    worker->count = count - 1;
    memcpy(worker->words, words + 1, (count - 1) * sizeof(*words));
    getcontext(worker->context);
    void **place = (void **)worker->context;
    place[1] = NULL;
    place[2] = worker->stack;
    place[4] = (void *)(uintptr_t)STACK;
    makecontext(worker->context, worker_run, 0);
}

OURS static uint64_t go(unsigned number, uint64_t points, uint64_t *more)
{
    host_processor = &processors[number];
    working = &workers[number];
    turn = points;
    spent = 0;
    for (;;) {
        question.is = false;
        swapcontext(judges, working->context);
        if (!question.is)
            break;
        question.answer = ask(question.what, question.first, question.second);
    }
    *more = spent;
    working = NULL;
    return (uint64_t)why_over;
}

/* words: RESET: how many processors, the number of the last request, their LAPICs' ids. SET: whose,
 * which field, what. REQUEST: its number, how many addresses, those. BEGIN: who, what, of what.
 * GO: who, for how many accesses; answers why it is over, `more`: after so many. LOOK: at whom:
 * answers its mode, `more`: up to where it is; nobody (LAST_NUMBER), and a place: the last
 * request's number, and what shootdown_last says of it. */
OURS uint64_t driver_call(uint32_t call, const uint64_t *words, uint32_t count,
                          uint64_t *more)
{
    if (call == RESET) {
        reset((unsigned)words[0], words[1], words + 2);
    } else if (call == SET) {
        set(&processors[words[0]], words[1], words[2]);
    } else if (call == REQUEST) {
        shootdown_request(words[0], (unsigned)words[1], words + 2, count - 2);
    } else if (call == BEGIN) {
        begin((unsigned)words[0], words + 1, count - 1);
    } else if (call == GO) {
        return go((unsigned)words[0], words[1], more);
    } else if (words[0] == LAST_NUMBER) {
        return shootdown_last((unsigned)words[1], more);
    } else {
        *more = processors[words[0]].done;
        return processors[words[0]].mode;
    }
    return 0;
}
