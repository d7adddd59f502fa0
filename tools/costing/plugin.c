/* plugin.c - a plugin of QEMU: every instruction of one call of a program's function.
 *
 *   -plugin file=PLUGIN.so,at=HEX,code=HEX,nth=HEX,out=FILE
 *
 * `at` is where the function begins, in user code, and `code` its first eight bytes, by which it is
 * told from another program's at the same address. What the first processor executes from the nth
 * call on, until it is back behind the instruction that called, is written to FILE: eight bytes for
 * each instruction: its address, with what kind it is in bits 56 to 59 and how many bytes it has in
 * the four above (all of which repeat bit 55 in an address). An instruction that faults and runs
 * again is there twice. */
#include "../faultline/plugin.h"

typedef struct stream stream;
stream *fopen(const char *, const char *);
size_t fwrite(const void *, size_t, size_t, stream *);
int fclose(stream *);

enum { PLAIN, CALL, RETURN, ENTER, LEAVE, JUMP }; /* LEAVE: IRET or SYSRET */
enum { ROOM = 1 << 16, KINDS = 56, PLACE_BITS = 20, PLACES = 1 << PLACE_BITS };

static struct spot {
    uint64_t address;
    uint8_t kind, size;
    bool begins; /* the function */
} spots[PLACES];

static uint64_t at, code, nth, calls, back, depth, buffer[ROOM];
static unsigned used;
static bool on, over;
static const struct spot *before;
static stream *out;

static void write_out(void)
{
    if (out)
        fwrite(buffer, sizeof(buffer[0]), used, out);
    used = 0;
}

static void ends(void)
{
    write_out();
    if (out)
        fclose(out);
    out = NULL;
    on = false;
    over = true;
}

static void executed(unsigned processor, void *which)
{
    const struct spot *spot = which;
    if (processor || over)
        return;
    if (spot->begins && before && before->kind == CALL) {
        uint64_t return_to = before->address + before->size;
        if (!on && ++calls == nth) {
            on = true;
            back = return_to;
        } else if (on && return_to == back) {
            depth++; /* it has called itself, from there */
        }
    }
    if (on && spot->address == back && before->kind == RETURN && depth-- == 0) {
        ends();
        return;
    }
    if (on) {
        buffer[used++] = (spot->address & ~(255ul << KINDS)) |
                         (uint64_t)(spot->size << 4 | spot->kind) << KINDS;
        if (used == ROOM)
            write_out();
    }
    before = spot;
}

/* Of an instruction's bytes, behind its prefixes. */
static uint8_t kind_of(const uint8_t *byte, size_t size)
{
    const uint8_t *end = byte + size;
    while (byte + 1 < end && (*byte == 0xf3 || *byte == 0xf2 || *byte == 0x66 ||
                              *byte == 0x3e || (*byte & 0xf0) == 0x40))
        byte++;
    if (*byte == 0xe8 || (*byte == 0xff && (byte[1] >> 3 & 6) == 2))
        return CALL;
    if (*byte == 0xc3 || *byte == 0xc2)
        return RETURN;
    if (*byte == 0xcf || (*byte == 0x0f && byte[1] == 0x07))
        return LEAVE;
    if (*byte == 0x0f && byte[1] == 0x05)
        return ENTER;
    bool far = *byte == 0xe9 || *byte == 0xeb || (*byte & 0xf0) == 0x70;
    if (far || (*byte == 0xff && (byte[1] >> 3 & 6) == 4) ||
        (*byte == 0x0f && (byte[1] & 0xf0) == 0x80))
        return JUMP;
    return PLAIN;
}

/* The same address may hold another program's instruction: then it is another spot. */
static struct spot *spot_of(uint64_t address, uint8_t kind, uint8_t size, bool begins)
{
    unsigned place = address * 0x9e3779b97f4a7c15ul >> (64 - PLACE_BITS);
    while (spots[place].address &&
           (spots[place].address != address || spots[place].kind != kind ||
            spots[place].size != size || spots[place].begins != begins))
        place = (place + 1) % PLACES;
    spots[place] = (struct spot){address, kind, size, begins};
    return &spots[place];
}

static bool is_function(uint64_t address, const uint8_t *bytes)
{
    uint64_t found = 0;
    if (address != at || !bytes)
        return false;
    for (int i = 0; i < 8; i++)
        found |= (uint64_t)bytes[i] << 8 * i;
    return found == code;
}

static void translated(plugin_id id, struct block *block)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct instruction *instruction = qemu_plugin_tb_get_insn(block, i);
        uint64_t address = qemu_plugin_insn_vaddr(instruction);
        size_t size = qemu_plugin_insn_size(instruction);
        const uint8_t *bytes = qemu_plugin_insn_haddr(instruction);
        uint8_t kind = bytes ? kind_of(bytes, size) : PLAIN;
        qemu_plugin_register_vcpu_insn_exec_cb(
            instruction, executed, NO_REGISTERS,
            spot_of(address, kind, (uint8_t)size, is_function(address, bytes)));
    }
}

static void ended(plugin_id id, void *nothing)
{
    (void)id;
    (void)nothing;
    char line[96];
    snprintf(line, sizeof(line), "cost %lu %d\n", (unsigned long)calls, over);
    qemu_plugin_outs(line);
    if (!over)
        ends();
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **words)
{
    (void)info;
    at = NUMBER(count, words, "at");
    code = NUMBER(count, words, "code");
    nth = NUMBER(count, words, "nth");
    for (int i = 0; i < count; i++)
        if (strncmp(words[i], "out=", 4) == 0)
            out = fopen(words[i] + 4, "w");
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
