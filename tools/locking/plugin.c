/* plugin.c - a plugin of QEMU: who holds the kernel's locks, and for how many instructions.
 *
 *   -plugin file=PLUGIN.so,held=HEX,take=HEX,enter=HEX,have=HEX,lock=HEX,poll=HEX,woken=HEX
 *   -d plugin
 *
 * The mm lock is taken and given by stores to one byte, `held`; with several processors by a
 * function, `take`, and then the place where that was called counts. The kernel's lock is asked for
 * at `enter`, is there at `have`, and is given by a store behind `lock`. At the end, in QEMU's log:
 *
 *   locks processor 0 USER KERNEL WAITING     instructions
 *   locks mm ffffffff80151a20 TIMES SUM LONGEST
 *   locks kernel 0 TIMES SUM LONGEST
 *   locks stretch ffffffff80151c00 TIMES SUM LONGEST
 *   locks inside ffffffff80151b00 COUNT 0 0     an instruction, executed with the mm lock held
 *
 * A stretch is of instructions of the kernel's during which no interrupt comes in: from the entry,
 * or from `poll` or `woken`, to the next of these or to user code. Told are those that are long, by
 * where they were after LONG instructions. All that comes before the first user code is the boot's,
 * and not counted.
 *
 * WAITING are those of the kernel's from `enter` to `have`, and from `take` to the store. */
#include "../faultline/plugin.h"

#define PROGRAMS 0x400000ul

enum { PROCESSORS = 16, LONG = 50000, SPOT_BITS = 17, SPOTS = 1 << SPOT_BITS };

/* How often, and for how many instructions. */
struct hold {
    uint64_t times, sum, longest;
};

/* An instruction of the kernel's. */
static struct spot {
    uint64_t address, inside; /* executed so often with the mm lock held */
    struct hold mm,
        stretch; /* of the mm lock that was taken here; of stretches that were here */
} spots[SPOTS];

static struct hold kernel_holds;
static struct processor {
    uint64_t user, kernel, waiting; /* instructions */
    struct spot *before, *asked,
        *midst; /* the last one; where the mm lock was asked for; where the
                                            stretch was after LONG */
    bool waits;
    uint64_t kernel_hold; /* since it has the kernel's lock; 0: it has not */
    uint64_t stretch;     /* so many instructions */
} processors[PROCESSORS];

static uint64_t held, take, enter, have, lock, poll, woken;
static bool booted, begun; /* the kernel has; a program has run: what boots lies below */
static bool mm_held;
static unsigned mm_holder;
static uint64_t mm_hold;

static void hold_ends(struct hold *hold, uint64_t length)
{
    hold->times++;
    hold->sum += length;
    if (length > hold->longest)
        hold->longest = length;
}

static struct spot *spot_of(uint64_t address)
{
    unsigned at = address * 0x9e3779b97f4a7c15ul >> (64 - SPOT_BITS);
    while (spots[at].address && spots[at].address != address)
        at = (at + 1) % SPOTS;
    spots[at].address = address;
    return &spots[at];
}

static void stretch_ends(struct processor *self)
{
    if (self->stretch > LONG)
        hold_ends(&self->midst->stretch, self->stretch);
    self->stretch = 0;
}

static void in_user(unsigned number, void *address)
{
    struct processor *self = &processors[number % PROCESSORS];

    begun |= booted && (uint64_t)address >= PROGRAMS;
    if (!begun)
        return;
    self->user++;
    if (self->stretch)
        stretch_ends(self);
}

static void in_kernel(unsigned number, void *instruction)
{
    struct processor *self = &processors[number % PROCESSORS];
    struct spot *spot = instruction;
    uint64_t at = spot->address;

    booted = true;
    if (!begun)
        return;
    self->kernel++;
    self->stretch++;
    if (self->stretch == LONG)
        self->midst = spot;
    if (at == poll || at == woken)
        stretch_ends(self);
    self->waiting += self->waits;
    self->kernel_hold += self->kernel_hold > 0;
    if (mm_held && mm_holder == number) {
        mm_hold++;
        spot->inside++;
    }
    if (at == take)
        self->asked = self->before;
    if (at == take || at == enter)
        self->waits = true;
    if (at == have) {
        self->waits = false;
        self->kernel_hold = 1;
    }
    self->before = spot;
}

static void stored(unsigned number, access_info access, uint64_t at, void *address)
{
    struct processor *self = &processors[number % PROCESSORS];

    (void)address;
    if (!begun || !qemu_plugin_mem_is_store(access))
        return;
    if (lock && at >= lock && at < lock + 8 && self->kernel_hold && !self->waits) {
        hold_ends(&kernel_holds, self->kernel_hold);
        self->kernel_hold = 0;
    }
    if (at != held)
        return;
    if (mm_held)
        hold_ends(&self->asked->mm, mm_hold);
    else if (!self->waits)
        self->asked = self->before;
    mm_held = !mm_held;
    mm_holder = number;
    mm_hold = 0;
    self->waits = false;
}

static void translated(plugin_id id, struct block *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t at = qemu_plugin_insn_vaddr(instruction);
        bool kernel = at >= USER_TOP;

        if (!kernel)
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, in_user, NO_REGISTERS,
                                                   (void *)at);
        else
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, in_kernel, NO_REGISTERS,
                                                   spot_of(at));
        if (kernel)
            qemu_plugin_register_vcpu_mem_cb(instruction, stored, NO_REGISTERS,
                                             READS_AND_WRITES, NULL);
    }
}

static void tell(const char *what, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    char line[160];
    snprintf(line, sizeof(line), "locks %s %lx %lu %lu %lu\n", what, (unsigned long)a,
             (unsigned long)b, (unsigned long)c, (unsigned long)d);
    qemu_plugin_outs(line);
}

static void tell_hold(const char *what, uint64_t address, const struct hold *hold)
{
    if (hold->times)
        tell(what, address, hold->times, hold->sum, hold->longest);
}

static void ended(plugin_id id, void *nothing)
{
    (void)id;
    (void)nothing;
    for (unsigned i = 0; i < PROCESSORS; i++)
        if (processors[i].kernel)
            tell("processor", i, processors[i].user, processors[i].kernel,
                 processors[i].waiting);
    for (unsigned i = 0; i < SPOTS; i++) {
        tell_hold("mm", spots[i].address, &spots[i].mm);
        tell_hold("stretch", spots[i].address, &spots[i].stretch);
        if (spots[i].inside)
            tell("inside", spots[i].address, spots[i].inside, 0, 0);
    }
    tell_hold("kernel", 0, &kernel_holds);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **words)
{
    (void)info;
    held = NUMBER(count, words, "held");
    take = NUMBER(count, words, "take");
    enter = NUMBER(count, words, "enter");
    have = NUMBER(count, words, "have");
    lock = NUMBER(count, words, "lock");
    poll = NUMBER(count, words, "poll");
    woken = NUMBER(count, words, "woken");
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
