/* plugin.c - a plugin of QEMU: which physical frame is behind what user code reads and writes.
 *
 *   -plugin file=PLUGIN.so,low=HEX,high=HEX -d plugin
 *
 * For each page from low up to high, one line in QEMU's log whenever there is something new to
 * tell: the first access since the last int3, the first write, and each access that finds another
 * frame.
 *
 *   witness r 700000003000 2b41          or w; the page's address, the frame's number */
#include "../faultline/plugin.h"

#define INT3 0xcc

enum {
    PAGE_BITS = 12,
    LEAF_BITS = 24,
    NODE_BITS = 36,
    LEVEL_SIZE = 1 << 12
}; /* of told_of() */

/* What was told last of a page. */
struct told {
    uint64_t frame;
    uint32_t round; /* told in this one */
    bool written;
};

static uint64_t low, high;
static bool booted; /* the kernel is at its own addresses; before, it is at the user's */
static uint32_t round_now = 1; /* one more at each int3 */
static struct told **nodes[LEVEL_SIZE];

/* A tree, as the processor has one, of three levels. */
static struct told *told_of(uint64_t address)
{
    struct told ***node = &nodes[address >> NODE_BITS & (LEVEL_SIZE - 1)];

    if (!*node)
        *node = calloc(LEVEL_SIZE, sizeof(**node));
    struct told **leaf = &(*node)[address >> LEAF_BITS & (LEVEL_SIZE - 1)];
    if (!*leaf)
        *leaf = calloc(LEVEL_SIZE, sizeof(**leaf));
    return &(*leaf)[address >> PAGE_BITS & (LEVEL_SIZE - 1)];
}

static void page_touch(uint64_t address, uint64_t physical, bool written)
{
    struct told *told = told_of(address);
    uint64_t frame = physical >> PAGE_BITS;

    if (told->round == round_now && told->frame == frame && (told->written || !written))
        return;
    *told = (struct told){.frame = frame, .round = round_now, .written = written};

    char line[80];
    snprintf(line, sizeof(line), "witness %c %lx %lx\n", written ? 'w' : 'r',
             (unsigned long)(address >> PAGE_BITS << PAGE_BITS), (unsigned long)frame);
    qemu_plugin_outs(line);
}

static void on_access(unsigned processor, access_info info, uint64_t address, void *unused)
{
    (void)processor, (void)unused;
    if (address < low || address >= high)
        return;
    struct place *place = qemu_plugin_get_hwaddr(info, address);
    if (place)
        page_touch(address, qemu_plugin_hwaddr_phys_addr(place),
                   qemu_plugin_mem_is_store(info));
}

static void on_int3(unsigned processor, void *unused)
{
    (void)processor, (void)unused;
    round_now++;
}

static bool is_int3(const struct instruction *instruction)
{
    const uint8_t *code = qemu_plugin_insn_haddr(instruction);

    return qemu_plugin_insn_size(instruction) == 1 && code && *code == INT3;
}

static void on_translation(plugin_id id, struct block *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);

        if (qemu_plugin_insn_vaddr(instruction) >= USER_TOP) {
            booted = true;
            continue;
        }
        if (!booted)
            continue;
        if (is_int3(instruction))
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_int3, NO_REGISTERS,
                                                   NULL);
        qemu_plugin_register_vcpu_mem_cb(instruction, on_access, NO_REGISTERS,
                                         READS_AND_WRITES, NULL);
    }
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **words)
{
    (void)info;
    low = NUMBER(count, words, "low");
    high = NUMBER(count, words, "high");
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    return 0;
}
