/* plugin.h - of QEMU's interface for plugins, what ours use.
 *
 * Debian ships no header: this is declared here, and all of it is the same from version 1 on.
 * VERSION is the one that the QEMU here wants to be told (plugin.py). So is what is used of the C
 * library, which QEMU brings along: where there is a compiler, there may be no headers. */
#ifndef FAULTLINE_PLUGIN_H
#define FAULTLINE_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT   __attribute__((visibility("default")))
#define USER_TOP 0x800000000000ul

enum { NO_REGISTERS = 0, READS_AND_WRITES = 3 };

typedef uint64_t plugin_id;
typedef uint32_t access_info;
struct block;
struct instruction;
struct place;

void *calloc(size_t, size_t);
int snprintf(char *, size_t, const char *, ...);
int strncmp(const char *, const char *, size_t);
unsigned long strtoul(const char *, char **, int);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct block *));
size_t qemu_plugin_tb_n_insns(const struct block *);
struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct instruction *);
size_t qemu_plugin_insn_size(const struct instruction *);
void *qemu_plugin_insn_haddr(const struct instruction *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct instruction *,
                                            void (*)(unsigned, void *), int registers,
                                            void *);
void qemu_plugin_register_vcpu_mem_cb(struct instruction *,
                                      void (*)(unsigned, access_info, uint64_t, void *),
                                      int registers, int which, void *);
bool qemu_plugin_mem_is_store(access_info);
unsigned qemu_plugin_mem_size_shift(access_info);
struct place *qemu_plugin_get_hwaddr(access_info, uint64_t);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct place *);
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
void qemu_plugin_outs(const char *);

EXPORT int qemu_plugin_version = VERSION;

/* `NAME=HEX` among the plugin's words; 0: it is not there. */
static inline uint64_t plugin_number(int count, char **words, const char *name,
                                     size_t length)
{
    for (int i = 0; i < count; i++)
        if (strncmp(words[i], name, length) == 0 && words[i][length] == '=')
            return strtoul(words[i] + length + 1, NULL, 16);
    return 0;
}

#define NUMBER(count, words, name) plugin_number(count, words, name, sizeof(name) - 1)

#endif
