/* kernel/process/elf_format.h - ELF files, as the System V ABI lays them out (chapter 5). */
#ifndef KERNEL_PROCESS_ELF_FORMAT_H
#define KERNEL_PROCESS_ELF_FORMAT_H

#include "arch/types.h"

#define ET_EXEC      2
#define ET_DYN       3
#define ET_CORE      4
#define EM_X86_64    62
#define PT_LOAD      1u
#define PT_INTERP    3u
#define PT_NOTE      4u
#define PT_GNU_STACK 0x6474e551u
#define PF_X         1u
#define PF_W         2u
#define PF_R         4u

struct elf_header {
    uint8_t magic[4], class, data, version, abi, padding[8];
    uint16_t type, machine;
    uint32_t version2;
    uint64_t entry, headers, sections;
    uint32_t flags;
    uint16_t size, header_size, header_count, section_size, section_count, section_names;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_size, memory_size, align;
};

#endif
