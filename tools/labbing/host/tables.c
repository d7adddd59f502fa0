/* tools/labbing/host/tables.c - what stands around mm/page_tables/table.c when it runs alone.
 *
 * Compiled with table.c and flush.c, for this machine, into a library without a C library; the
 * process that loads it (child.py) calls the two functions at the end. RAM, frames[] and the
 * trees lie in memory that the judge maps, too. What table.c asks of the rooms below is asked of
 * the judge: which frame is taken, that one is given back, that the processor forgets. So the
 * judge sees each event at its moment, and nothing that is kept here is ever believed. */
#include "mm/frames/frames.h"
#include "mm/page_tables/flush.h"
#include "mm/page_tables/table.h"
#include "mm/trace.h"

#include <stdarg.h>

/* As the judge reads them (memory.py). */
_Static_assert(offsetof(struct frame, state) == 0, "state");
_Static_assert(offsetof(struct frame, links) == 12, "links");
_Static_assert(offsetof(struct frame, span) == 16, "span");
_Static_assert(offsetof(struct frame, used) == 20, "used");
_Static_assert(offsetof(struct frame, present) == 22, "present");
_Static_assert(sizeof(struct frame) == 40, "frame");
_Static_assert(offsetof(struct page_table, frames) == 4, "frames");
_Static_assert(sizeof(struct page_table) == 48, "page_table");
_Static_assert(offsetof(struct account, held) == 0, "held");

enum { TREES = 2, ACCOUNT_EACH = 1024, WORDS_AT = 4096, WORDS = 200 };

/* What is asked; the judge answers with a number (process.py has the same names). */
enum question { TAKE, TAKE_ZEROED, FREE, FLUSH_PAGE, FLUSH_ALL, LOADED, PANIC };
/* What the judge has done (tables.py has the same names). */
enum call { FIND, SEEK, BUILD, TRIM, SAMPLE };

/* In ages.c, if working sets are tried: a sample of the tree. */
__attribute__((weak)) uint64_t ages_sample(const struct page_table *tree, bool rests,
                                           uint32_t zeroes);

struct frame *frames;
uint32_t nframes;
unsigned char *direct_map;
bool trace_on;
struct mm_lock mm;
struct processor processors[PROCESSORS_MOST]; /* its root: the judge says it at each call */
struct processor *host_processor = &processors[0];
unsigned processor_count = 1;

static unsigned char *desk; /* trees, then accounts, then words of a panic */
static uint64_t (*ask)(uint32_t question, uint64_t first, uint64_t second);

int vsnprintf(char *text, size_t size, const char *format, va_list arguments);

/* --- What table.c and flush.c call ----------------------------------------------------------- */

frame_t frame_take(enum frame_use use, enum frame_state state)
{
    return (frame_t){(uint32_t)ask(TAKE, use, state)};
}

frame_t frame_take_zeroed(enum frame_use use, enum frame_state state)
{
    return (frame_t){(uint32_t)ask(TAKE_ZEROED, use, state)};
}

void frame_free(frame_t frame)
{
    ask(FREE, frame.number, 0);
}

void tlb_flush_page(uintptr_t address)
{
    ask(FLUSH_PAGE, address, 0);
}

/* There are none. */
void tlb_flush_others(frame_t root, const uintptr_t *addresses, unsigned count)
{
    (void)root;
    (void)addresses;
    (void)count;
}

void tlb_flush_user(void)
{
    ask(FLUSH_ALL, 0, 0);
}

frame_t kernel_root(void)
{
    return FRAME_NONE;
}

void *memory_clear(void *memory, size_t words)
{
    for (volatile uint64_t *word = memory; words > 0; words--)
        *word++ = 0;
    return memory;
}

void memory_copy(void *to, const void *from, size_t length)
{
    for (volatile char *byte = to; length > 0; length--, from = (const char *)from + 1)
        *byte++ = *(const char *)from;
}

bool root_is_loaded(frame_t root)
{
    return frame_same(root, root_loaded());
}

void frame_clear(frame_t frame)
{
    memory_clear(frame_data(frame), PAGE_SIZE / sizeof(uint64_t));
}

void frame_copy(frame_t to, frame_t from)
{
    memory_copy(frame_data(to), frame_data(from), PAGE_SIZE);
}

void account_look(struct account *account)
{
    (void)account;
}

void machine_interleave(const pte_t *entry)
{
    (void)entry;
}

void above_trace(enum trace_event event, uint32_t space, uintptr_t address, page_t page,
                 frame_t frame, uint64_t detail)
{
    (void)event, (void)space, (void)address, (void)page, (void)frame, (void)detail;
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

/* --- What child.py calls --------------------------------------------------------------------- */

static struct page_table *tree_of(uint32_t tree)
{
    return (struct page_table *)desk + tree;
}

/* Where in RAM the entry stands; all ones: there is none. */
static uint64_t place(const pte_t *entry)
{
    return entry != NULL ? (uint64_t)((uintptr_t)entry - DIRECT_MAP) : UINT64_MAX;
}

/* `memory` holds the desk, then entries of frames[], then as many frames. `numbers`: where these
 * two are, the number of the lowest frame, and how many there are. */
void driver_begin(unsigned char *memory, const uint64_t *numbers,
                  uint64_t (*judge)(uint32_t, uint64_t, uint64_t))
{
    uint64_t frames_at = numbers[0], ram_at = numbers[1];
    uint32_t first = (uint32_t)numbers[2], count = (uint32_t)numbers[3];
    desk = memory;
    frames = (struct frame *)(uintptr_t)((uintptr_t)memory + frames_at -
                                         first * sizeof(struct frame));
    direct_map =
        (unsigned char *)((uintptr_t)memory + ram_at - ((uintptr_t)first << PAGE_SHIFT));
    nframes = first + count;
    ask = judge;
    mm.held = true;
    for (uint32_t tree = 0; tree < TREES; tree++)
        tree_of(tree)->account = (struct account *)(memory + (tree + 1) * ACCOUNT_EACH);
}

/* One batch. */
static void trim(uint32_t tree, const uint64_t *addresses, uint32_t count)
{
    struct flush flush;
    flush_begin(&flush, tree_of(tree));
    for (uint32_t i = 0; i < count; i++)
        table_trim(tree_of(tree), addresses[i], &flush);
    flush_end(&flush);
}

/* `words`: of which tree, then addresses. Answers a place. `more`: what table_seek says of
 * missing bytes. */
uint64_t driver_call(uint32_t call, const uint64_t *words, uint32_t count, uint64_t *more)
{
    uint32_t tree = (uint32_t)words[0];
    uintptr_t bytes = 0;
    pte_t *entry = NULL;
    this_processor->root = (frame_t){(uint32_t)ask(LOADED, 0, 0)};
    if (call == FIND)
        entry = table_find(tree_of(tree), words[1]);
    else if (call == SEEK)
        entry = table_seek(tree_of(tree), words[1], &bytes);
    else if (call == BUILD)
        entry = table_build(tree_of(tree), words[1]);
    else if (call == SAMPLE)
        return ages_sample(tree_of(tree), words[1] != 0, (uint32_t)words[2]);
    else
        trim(tree, words + 1, count - 1);
    *more = bytes;
    return place(entry);
}
