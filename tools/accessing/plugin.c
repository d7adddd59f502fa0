/* plugin.c - a plugin of QEMU: every access of a run, and all that changes translations.
 *
 *   -plugin file=PLUGIN.so,out=FD,log=FD,ram=FD,size=BYTES,trace=FD,area=ADDRESS,length=BYTES
 *   -d mmu,cpu -D LOG -dfilter ...          (numbers in hexadecimal)
 *
 * It writes the stream of records.h to `out`: each fetch and each access to data, in order, and
 * whose it was; and what the kernel did to the TLB. Neither costs the machine an instruction.
 *
 * Version 1 of QEMU's interface shows the bytes of an instruction, but no registers. What was
 * written to CR3, and which page INVLPG names, is in QEMU's own log (`-d mmu` says the former;
 * of the blocks that -dfilter names, `-d cpu` shows all registers before they run). The log is a
 * pipe of which `log` is the other end, and read at that very instruction.
 *
 * RAM is a file (`ram`), mapped here: of each page that is met for the first time after a flush
 * or a switch the tables are walked, as the processor would, for its size and rights. Of the
 * kernel's trace (`trace`, and where it lies in physical memory) the accesses are left out; how
 * many records it has is told when that changes. */
#include "records.h"

#include "../faultline/plugin.h"

enum { PAGE_BITS = 12, PAGE_SIZE = 4096, LEVELS = 4, INDEX_BITS = 9 };
enum { WORDS = 8192, LOG_SIZE = 1 << 16, VIEWS = 1 << 14 };
enum { CODE_SHIFT = 48 };
enum { TRACE_WRITTEN = 24 }; /* in the trace's header (docs/trace.md) */

#define ADDRESS_MASK  0x000ffffffffff000ul
#define PAGE_MASK     ((1ul << PAGE_NUMBER_BITS) - 1)
#define CODE_MASK     ((1ul << CODE_SHIFT) - 1)
#define ENTRY_PRESENT 1ul
#define ENTRY_WRITE   2ul
#define ENTRY_USER    4ul
#define ENTRY_LARGE   0x80ul
#define ENTRY_GLOBAL  0x100ul
#define ENTRY_NX      (1ul << 63)
#define CR4_PGE       0x80ul

int64_t read(int, void *, size_t);
int64_t write(int, const void *, size_t);
void *mmap(void *, size_t, int, int, int, int64_t);

/* --- The stream --------------------------------------------------------------------------- */

static int out;
static uint64_t words[WORDS], pending; /* an access that may be repeated; 0: none */
static unsigned used;
static uint64_t total;
static bool closed; /* nobody reads any more */

static void words_send(void)
{
    const char *from = (const char *)words;
    size_t left = used * sizeof(*words);

    used = 0;
    while (left > 0 && !closed) {
        int64_t sent = write(out, from, left);
        if (sent <= 0) {
            closed = true;
            return;
        }
        from += sent;
        left -= (size_t)sent;
    }
}

static void word_add(uint64_t word)
{
    words[used++] = word;
    total++;
    if (used == WORDS)
        words_send();
}

static void pending_send(void)
{
    if (pending)
        word_add(pending);
    pending = 0;
}

static void record(enum record kind, uint64_t detail)
{
    pending_send();
    word_add((uint64_t)kind << KIND_SHIFT | (detail & ((1ul << KIND_SHIFT) - 1)));
}

static void record_two(enum record kind, uint64_t detail, uint64_t second)
{
    record(kind, detail);
    word_add(second);
}

/* --- The tables --------------------------------------------------------------------------- */

static const uint8_t *ram;
static uint64_t ram_size, root;
static bool begun; /* the kernel has loaded its own tables */

/* What was found last of a page. */
struct view {
    uint64_t page, frame; /* the frame of these 4 KiB, whatever the size */
    uint32_t epoch;
    uint32_t rights;
};

static struct view views[VIEWS];
static uint32_t epoch = 1; /* one more at each flush */

static void view_look(struct view *view, uint64_t page)
{
    uint64_t table = root & ADDRESS_MASK, entry = 0, all = ENTRY_WRITE | ENTRY_USER,
             any = 0;
    unsigned level = LEVELS;

    for (; level > 0; level--) {
        uint64_t index = page >> INDEX_BITS * (level - 1) & ((1u << INDEX_BITS) - 1);
        entry = 0;
        if (table + PAGE_SIZE > ram_size)
            break;
        entry = ((const volatile uint64_t *)(ram + table))[index];
        if (!(entry & ENTRY_PRESENT))
            break;
        all &= entry;
        any |= entry;
        table = entry & ADDRESS_MASK;
        if (level == 1 || (level < LEVELS && entry & ENTRY_LARGE))
            break;
    }
    *view = (struct view){.page = page, .epoch = epoch};
    if (level == 0 || !(entry & ENTRY_PRESENT))
        return;
    uint64_t below = (1ul << INDEX_BITS * (level - 1)) - 1; /* pages within a larger one */
    view->frame = ((table >> PAGE_BITS) & ~below) | (page & below);
    view->rights = RIGHT_PRESENT | (all & ENTRY_WRITE ? RIGHT_WRITE : 0) |
                   (all & ENTRY_USER ? RIGHT_USER : 0) |
                   (any & ENTRY_NX ? 0 : RIGHT_EXECUTE) |
                   (entry & ENTRY_GLOBAL ? RIGHT_GLOBAL : 0) |
                   (level == 2 ? RIGHT_LARGE : 0) | (level == 3 ? RIGHT_HUGE : 0);
}

/* --- QEMU's log --------------------------------------------------------------------------- */

static int log_end;
static char text[LOG_SIZE + 1];
static size_t text_length;

/* Take in what QEMU has written; of what is too much, the beginning is dropped. */
static void log_read(void)
{
    int64_t got;

    do {
        if (text_length > LOG_SIZE / 2) {
            size_t keep = LOG_SIZE / 4;
            for (size_t i = 0; i < keep; i++)
                text[i] = text[text_length - keep + i];
            text_length = keep;
        }
        got = read(log_end, text + text_length, LOG_SIZE - text_length);
        if (got > 0)
            text_length += (size_t)got;
    } while (got > 0);
    text[text_length] = 0;
}

/* The number behind the last `name` there, in hexadecimal. */
static bool log_number(const char *name, size_t length, uint64_t *number)
{
    for (size_t at = text_length; at-- > 0;)
        if (strncmp(text + at, name, length) == 0) {
            *number = strtoul(text + at + length, NULL, 16);
            return true;
        }
    return false;
}

static const char *const register_names[] = {
    "RAX=", "RCX=", "RDX=", "RBX=", "RSP=", "RBP=", "RSI=", "RDI=",
    "R8 =", "R9 =", "R10=", "R11=", "R12=", "R13=", "R14=", "R15="};

/* --- What changes translations ------------------------------------------------------------ */

static enum { NOTHING, CR3_WRITTEN, CR4_WRITTEN } changed; /* by the instruction before */
static uint64_t cr4;

static void space_load(void)
{
    log_read();
    if (log_number("CR3 update: CR3=", 16, &root)) {
        begun = true;
        record(RECORD_SPACE, root);
    }
    text_length = 0;
    epoch++;
}

/* Where the new value cannot be seen, it is taken to end global translations. */
static void control_load(uint64_t pc)
{
    uint64_t at = 0, value = 0;

    log_read();
    bool seen = log_number("RIP=", 4, &at) && at == pc && log_number("CR4=", 4, &value);
    if (!seen || (value ^ cr4) & CR4_PGE) {
        record(RECORD_FLUSH_ALL, 0);
        epoch++;
    }
    if (seen)
        cr4 = value;
    text_length = 0;
}

static void change_take(uint64_t pc)
{
    if (changed == CR3_WRITTEN)
        space_load();
    else if (begun)
        control_load(pc);
    changed = NOTHING;
}

static void on_cr3(unsigned processor, void *unused)
{
    (void)processor, (void)unused;
    changed = CR3_WRITTEN;
}

static void on_cr4(unsigned processor, void *unused)
{
    (void)processor, (void)unused;
    changed = CR4_WRITTEN;
}

/* An INVLPG: the address's register, and where it stands. */
struct flush {
    uint64_t at;
    int64_t displacement;
    unsigned number;
};

static void on_flush(unsigned processor, void *given)
{
    const struct flush *flush = given;
    uint64_t at = 0, address = 0;

    (void)processor;
    if (!begun)
        return;
    log_read();
    bool seen = log_number("RIP=", 4, &at) && at == flush->at &&
                log_number(register_names[flush->number], 4, &address);
    uint64_t page = (address + (uint64_t)flush->displacement) >> PAGE_BITS & PAGE_MASK;
    if (seen) {
        record(RECORD_FLUSH_PAGE, page);
        views[page & (VIEWS - 1)].epoch = 0;
    } else {
        record(RECORD_FLUSH_SPACE, 0);
        epoch++;
    }
    text_length = 0;
}

static void on_flush_unseen(unsigned processor, void *unused)
{
    (void)processor, (void)unused;
    if (!begun)
        return;
    record(RECORD_FLUSH_ALL, 0);
    epoch++;
}

/* --- Accesses ----------------------------------------------------------------------------- */

static uint64_t area, area_length;    /* where the kernel's trace is in physical memory */
static const volatile uint8_t *trace; /* its header */

static void access_add(uint64_t page, enum access access, bool user)
{
    struct view *view = &views[page & (VIEWS - 1)];

    if (view->page != page || view->epoch != epoch ||
        (access == ACCESS_WRITE && !(view->rights & RIGHT_WRITE))) {
        view_look(view, page);
        if (view->frame << PAGE_BITS < area ||
            view->frame << PAGE_BITS >= area + area_length)
            record_two(RECORD_TRANSLATION, page | (uint64_t)view->rights << RIGHTS_SHIFT,
                       view->frame);
    }
    if (view->frame << PAGE_BITS >= area && view->frame << PAGE_BITS < area + area_length)
        return;

    uint64_t one = (uint64_t)RECORD_ACCESS << KIND_SHIFT | page |
                   (uint64_t)access << ACCESS_SHIFT | (uint64_t)user << USER_SHIFT;
    const uint64_t what = (1ul << TIMES_SHIFT) - 1;
    if ((pending & what) == (one & what) && pending >> KIND_SHIFT == RECORD_ACCESS &&
        (pending >> TIMES_SHIFT & TIMES_MOST) < TIMES_MOST) {
        pending += 1ul << TIMES_SHIFT;
        return;
    }
    pending_send();
    pending = one | 1ul << TIMES_SHIFT;
}

/* The kernel has counted another record of its trace. */
static bool is_trace_count(uint64_t address)
{
    const struct view *view = &views[address >> PAGE_BITS & PAGE_MASK & (VIEWS - 1)];

    return area_length && view->page == (address >> PAGE_BITS & PAGE_MASK) &&
           view->frame << PAGE_BITS == area && (address & (PAGE_SIZE - 1)) == TRACE_WRITTEN;
}

static void on_access(unsigned processor, access_info info, uint64_t address, void *user)
{
    (void)processor;
    if (!begun)
        return;
    enum access access = qemu_plugin_mem_is_store(info) ? ACCESS_WRITE : ACCESS_READ;
    uint64_t last = address + (1ul << qemu_plugin_mem_size_shift(info)) - 1;

    access_add(address >> PAGE_BITS & PAGE_MASK, access, user != NULL);
    if (address >> PAGE_BITS != last >> PAGE_BITS)
        access_add(last >> PAGE_BITS & PAGE_MASK, access, user != NULL);
    if (!user && access == ACCESS_WRITE && is_trace_count(address))
        record(RECORD_TRACED, *(const volatile uint64_t *)(trace + TRACE_WRITTEN));
}

static bool in_user_code;
static uint64_t last_pc;

static void ring_follow(uint64_t pc, bool user)
{
    if (user && !in_user_code)
        record(RECORD_LEAVE, pc);
    if (!user && in_user_code)
        record_two(RECORD_ENTER, pc, last_pc);
    in_user_code = user;
}

/* `given`: the address of an instruction, 48 bits of it, and above them its length. */
static void on_fetch(unsigned processor, void *given)
{
    uint64_t pc = (uint64_t)given & CODE_MASK;
    uint64_t last = pc + ((uint64_t)given >> CODE_SHIFT) - 1;
    bool user = pc < USER_TOP;

    (void)processor;
    if (changed != NOTHING)
        change_take(user ? pc : pc | ~CODE_MASK);
    if (!begun)
        return;
    if (user != in_user_code)
        ring_follow(pc, user);
    if (user)
        last_pc = pc;
    access_add(pc >> PAGE_BITS, ACCESS_FETCH, user);
    if (pc >> PAGE_BITS != last >> PAGE_BITS)
        access_add(last >> PAGE_BITS & PAGE_MASK, ACCESS_FETCH_MORE, user);
}

/* --- Instructions that change translations ------------------------------------------------ */

enum {
    REX = 0x40,
    REX_MASK = 0xf0,
    REX_B = 1,
    ESCAPE = 0x0f,
    GROUP_7 = 0x01,
    MOV_TO_CR = 0x22
};
enum { MOD_REGISTER = 3, INVLPG = 7, BASE_SIB = 4, BASE_RIP = 5 };

/* INVLPG with a plain register, or one and a distance: else its address cannot be told. */
static void flush_watch(struct instruction *instruction, const uint8_t *operand,
                        unsigned rex, bool first)
{
    unsigned mod = *operand >> 6, base = *operand & 7;
    struct flush *flush = first ? calloc(1, sizeof(*flush)) : NULL;

    if (!flush || base == BASE_SIB || (mod == 0 && base == BASE_RIP) || mod == 2) {
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_flush_unseen, NO_REGISTERS,
                                               NULL);
        return;
    }
    flush->at = qemu_plugin_insn_vaddr(instruction);
    flush->displacement = mod == 1 ? (int8_t)operand[1] : 0;
    flush->number = base + (rex & REX_B ? 8 : 0);
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_flush, NO_REGISTERS, flush);
}

/* `first`: it begins a block, so that the log shows the registers as it finds them. */
static void change_watch(struct instruction *instruction, bool first)
{
    const uint8_t *code = qemu_plugin_insn_haddr(instruction);
    unsigned rex = 0;

    if (!code || qemu_plugin_insn_size(instruction) < 3)
        return;
    if ((*code & REX_MASK) == REX)
        rex = *code++;
    if (code[0] == 0x66 && code[1] == ESCAPE && code[2] == 0x38 &&
        code[3] == 0x82) /* INVPCID */
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_flush_unseen, NO_REGISTERS,
                                               NULL);
    if (code[0] != ESCAPE)
        return;
    unsigned extension = code[2] >> 3 & 7;
    if (code[1] == GROUP_7 && extension == INVLPG && code[2] >> 6 != MOD_REGISTER)
        flush_watch(instruction, code + 2, rex, first);
    if (code[1] == MOV_TO_CR && extension == 3)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_cr3, NO_REGISTERS, NULL);
    if (code[1] == MOV_TO_CR && extension == 4)
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_cr4, NO_REGISTERS, NULL);
}

/* --- Set up ------------------------------------------------------------------------------- */

static void on_translation(plugin_id id, struct block *block)
{
    (void)id;
    if (!begun)
        log_read(); /* the firmware changes CR0 often, and the pipe must not fill */
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t pc = qemu_plugin_insn_vaddr(instruction);
        uint64_t told = (pc & CODE_MASK) | (uint64_t)qemu_plugin_insn_size(instruction)
                                               << CODE_SHIFT;

        qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_fetch, NO_REGISTERS,
                                               (void *)told);
        qemu_plugin_register_vcpu_mem_cb(instruction, on_access, NO_REGISTERS,
                                         READS_AND_WRITES,
                                         pc < USER_TOP ? (void *)1 : NULL);
        if (pc >= USER_TOP)
            change_watch(instruction, i == 0);
    }
}

static void on_end(plugin_id id, void *unused)
{
    (void)id, (void)unused;
    pending_send();
    record(RECORD_END, total);
    words_send();
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **given)
{
    (void)info;
    ram_size = NUMBER(count, given, "size");
    if (!ram_size)
        return 0; /* it was only asked whether we fit */
    out = (int)NUMBER(count, given, "out");
    log_end = (int)NUMBER(count, given, "log");
    area = NUMBER(count, given, "area");
    area_length = NUMBER(count, given, "length");
    ram = mmap(NULL, ram_size, 1, 1, (int)NUMBER(count, given, "ram"), 0);
    trace = mmap(NULL, PAGE_SIZE, 1, 1, (int)NUMBER(count, given, "trace"), 0);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_atexit_cb(id, on_end, NULL);
    return 0;
}
