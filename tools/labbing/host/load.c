/* tools/labbing/host/load.c - what stands around load_control.c and load_criteria.c, of
 * kernel/thrashing/, when they run alone.
 *
 * Processes are here, with all that load control looks at; the judge says what they are, and
 * what time it is. Which process is suspended or resumed it is told at that moment, and
 * it is asked what a criterion answers. So nothing that is kept here is ever believed. */
#include "kernel/process/process.h"
#include "kernel/thrashing/frame_shares.h"
#include "kernel/thrashing/load_control.h"
#include "kernel/thrashing/suspend.h"

#include <stdarg.h>

enum { PROCESSES = 32, TRACED = 1, WORDS_AT = 4096, WORDS = 200 };

/* What is asked; the judge answers with a number (process.py has PANIC). */
enum question { TIME, SUSPEND, RESUME, OVERLOADED, ADMITS, ENDED, PANIC };
/* What the judge has done (load.py has the same names). */
enum call { CLEAR, PROCESS, CONTROL, IS_TOO_HIGH, MAY_COME };

/* What a process is, in bits (load.py). */
enum {
    ACTIVE = 1,
    STOPPED = 2,
    ESSENTIAL = 4,
    ENDING = 8,
    SHARES = 16,
    SPACE_ENDS = 32,
    IS_TRACED = 64,
    SUSPENDED = 128,
    WANTS = 256,
    NO_SPACE = 512,
};

struct process *process_first;
struct group groups[GROUPS_MAX];
bool groups_special = true;
const struct load_criterion *load_criterion;
bool load_prepages;
struct load_state load_state;

static struct process processes[PROCESSES];
static struct space spaces[PROCESSES];
static unsigned about[PROCESSES]; /* what each is; 0, and no id: none */
static unsigned char *desk;
static bool fits[2]; /* allocation_fits of nobody more, of one more */
static uint64_t (*ask)(uint32_t question, uint64_t first, uint64_t second);

int vsnprintf(char *text, size_t size, const char *format, va_list arguments);

/* --- Who there is ---------------------------------------------------------------------------- */

static struct process *process_of_id(int id)
{
    for (struct process *process = process_first; process; process = process->next)
        if (process->id == id)
            return process;
    return NULL;
}

/* They stand in the list by their ids. */
static void process_enter(struct process *process)
{
    struct process **place = &process_first;
    while (*place && (*place)->id < process->id)
        place = &(*place)->next;
    process->next = *place;
    *place = process;
}

/* It has ended, and its memory is another's: whoever still looks at it sees junk. */
static void process_end_now(int id)
{
    struct process **place = &process_first;
    while (*place && (*place)->id != id)
        place = &(*place)->next;
    if (!*place)
        return;
    struct process *process = *place;
    *place = process->next;
    about[process - processes] = NO_SPACE;
    volatile unsigned char *byte = (volatile unsigned char *)process;
    for (size_t i = 0; i < sizeof(*process); i++)
        byte[i] = 0xa5;
}

/* --- What load_control.c and load_criteria.c call -------------------------------------------- */

uint64_t time_now(void)
{
    return ask(TIME, 0, 0);
}

bool load_is_active(const struct process *process)
{
    return process->space && !process->suspended && about[process - processes] & ACTIVE;
}

bool process_wants(const struct process *process)
{
    return process->suspended && about[process - processes] & WANTS;
}

void process_suspend(struct process *process)
{
    process->suspended = true;
    process->load_since = time_now();
    ask(SUSPEND, (uint64_t)process->id, 0);
    process_end_now((int)ask(ENDED, 0, 0));
}

void process_resume(struct process *process, bool prepage)
{
    ask(RESUME, (uint64_t)process->id, prepage);
    process->suspended = false;
    process->load_since = time_now();
    process_end_now((int)ask(ENDED, 0, 0));
}

bool allocation_fits(struct process *one_more)
{
    return fits[one_more != NULL];
}

void panic(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf((char *)desk + WORDS_AT, WORDS, format, arguments);
    va_end(arguments);
    for (;;)
        ask(PANIC, 0, 0);
}

/* The judge is the criterion. */
static bool judge_overloaded(const struct load_sample *sample)
{
    return ask(OVERLOADED, sample->working_sets, sample->active);
}

static bool judge_admits(const struct load_sample *sample, struct process *waiting)
{
    return ask(ADMITS, sample->working_sets, (uint64_t)waiting->id);
}

static struct load_criterion judge = {"judge", true, judge_overloaded, judge_admits};

/* --- What child.py calls --------------------------------------------------------------------- */

/* Of the memory only the desk is used, for words of a panic. */
void driver_begin(unsigned char *memory, const uint64_t *numbers,
                  uint64_t (*question)(uint32_t, uint64_t, uint64_t))
{
    (void)numbers;
    desk = memory;
    ask = question;
    groups[TRACED].hooks = (const void *)desk;
    load_criterion = &judge;
}

/* Nobody is there. */
static void clear(void)
{
    while (process_first)
        process_end_now(process_first->id);
    for (unsigned i = 0; i < PROCESSES; i++)
        about[i] = 0;
}

/* words: id, when it was born, when it was suspended or resumed last (or 0), its working set,
 * what it is. One that is there becomes so. */
static void process_is(const uint64_t *words)
{
    struct process *process = process_of_id((int)words[0]);
    unsigned number = 0, what = (unsigned)words[4];
    if (!process) {
        while (about[number])
            number++;
        process = &processes[number];
        *process = (struct process){.id = (int)words[0]};
        process_enter(process);
    }
    number = (unsigned)(process - processes);
    about[number] = what | 1u << 31;
    spaces[number] = (struct space){.references = what & SHARES ? 2 : 1,
                                    .ending = what & SPACE_ENDS,
                                    .group = what & IS_TRACED ? TRACED : 0};
    process->started = words[1];
    process->load_since = words[2];
    process->load_set = (uint32_t)words[3];
    process->space = what & NO_SPACE ? NULL : &spaces[number];
    process->stopped = what & STOPPED;
    process->essential = what & ESSENTIAL;
    process->ending = what & ENDING;
    process->suspended = what & SUSPENDED;
}

static struct load_sample sample_of(const uint64_t *words)
{
    return (struct load_sample){
        .elapsed = words[0],
        .busy = words[1],
        .device = words[2],
        .faults = words[3],
        .own = words[4],
        .service = words[5],
        .working_sets = (uint32_t)words[6],
        .frames = (uint32_t)words[7],
        .active = (unsigned)words[8],
        .suspended = (unsigned)words[9],
    };
}

/* May one more, with that working set, come in? */
static bool admits(const struct load_sample *sample, uint32_t pages)
{
    static struct space space;
    struct process waiting = {.id = 1, .space = &space, .suspended = true, .load_set = pages};
    return load_criteria[0].admits(sample, &waiting);
}

/* `words`: a process; or a sample, then: does the criterion foresee, is there prepaging? Or: do
 * shares suffice for those that are there, and for one more? The working set of that one. */
uint64_t driver_call(uint32_t call, const uint64_t *words, uint32_t count, uint64_t *more)
{
    (void)count, (void)more;
    if (call == CLEAR) {
        clear();
        return 0;
    }
    if (call == PROCESS) {
        process_is(words);
        return 0;
    }
    struct load_sample sample = sample_of(words);
    if (call == CONTROL) {
        judge.foresees = words[10] != 0;
        load_prepages = words[11] != 0;
        load_control(&sample);
        return 0;
    }
    fits[0] = words[10] != 0;
    fits[1] = words[11] != 0;
    return call == IS_TOO_HIGH ? load_criteria[0].overloaded(&sample)
                               : admits(&sample, (uint32_t)words[12]);
}
