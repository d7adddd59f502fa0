"""A kernel that lies, hangs and ends when it likes, as a program asks it to: made of the tree's in a copy."""

from __future__ import annotations

from pathlib import Path

from all_mutants import live
from mutations import Mutation

DEEDS = (
    *("passes", "halts", "unwatched", "resets", "marks", "junk", "talks", "unwatched-halts"),
    *("asleep", "rings", "managed"),
)

# reboot(DEED) does it; a magic number of Linux's is none of these.
REBOOT = "SYSCALL(reboot, uint32_t magic, uint32_t magic2, uint32_t command)\n{\n"
DEED = """
extern bool hostile_junk;
/* Of the chipset's power management. */
static void configure(uint32_t at, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(0x80000b00 | (at & ~3u)), "d"((uint16_t)0xcf8));
    if (at % 4)
        __asm__ volatile("outb %b0, %1" : : "a"(value), "d"((uint16_t)(0xcfc + at % 4)));
    else
        __asm__ volatile("outl %0, %1" : : "a"(value), "d"((uint16_t)0xcfc));
}

static void hostile(int deed)
{
    volatile unsigned char *code = (void *)0xffff800000038000ul;
    static const char passed[] = "1..1\\nok 1 - all passed\\n";
    static const uint16_t no_table[5];
    switch (deed) {
    case 0: /* prints that all is well, and ends the machine */
        host_output(passed, sizeof(passed) - 1);
        host_status("status 0\\n");
        machine_off(MACHINE_DONE);
    case 1:
        halt_for_ever();
    case 2: /* switches off the watchdog by which we are ended, and hangs */
        port_write8(0x441, 0);
        for (;;)
            __asm__ volatile("");
    case 3: /* a triple fault */
        __asm__ volatile("lidt %0; int3" : : "m"(no_table));
        break;
    case 4: /* marks of its own */
        __asm__ volatile("int3" : : "a"(0xfa17113e00000007), "b"(7ul));
        break;
    case 5: /* gives out frames as they are */
        hostile_junk = true;
        break;
    case 6: /* switches off the watchdog, and says something now and then: hundreds of times a second */
        port_write8(0x441, 0);
        for (unsigned turn = 0;; turn++)
            if (turn % 100000 == 0)
                host_output(passed, 1);
    case 7: /* switches off the watchdog, and halts */
        port_write8(0x441, 0);
        halt_for_ever();
    case 8: /* the sleep in which memory is kept, and from which nothing wakes it */
        configure(0x40, 0xb001);
        configure(0x80, 1);
        __asm__ volatile("outw %0, %1" : : "a"((uint16_t)(1 << 13 | 1 << 10)), "d"((uint16_t)0xb004));
        for (;;)
            __asm__ volatile("");
    case 9: /* has the watchdog ring at once, again and again */
        for (;;)
            port_write8(0x443, 15);
    case 10: /* goes to the mode below ours, and back, again and again; the log has it whole */
        code[0] = 0x0f;
        code[1] = 0xaa;
        configure(0x5b, 2);
        for (;;)
            port_write8(0xb2, 1);
    default:
        break;
    }
}

"""
CHANGES = [
    Mutation("kernel/linux/system.c", "reboot does other deeds", REBOOT, DEED + REBOOT + "    hostile(magic);\n"),
    Mutation(
        "mm/demand_paging/page.c",
        "frames are given out as they are",
        "    *frame = zeroed ? frame_take_zeroed(",
        "    extern bool hostile_junk;\n    *frame = zeroed && !hostile_junk ? frame_take_zeroed(",
    ),
    Mutation("kernel/main.c", "a flag", "/* kernel/main.c", "_Bool hostile_junk;\n/* kernel/main.c"),
]


def make(work: Path) -> Path:
    """The kernel, built in this folder."""
    live.kernel_copy(work)
    for change in CHANGES:
        assert not change.is_stale(work), change.what
        change.make(work)
    live.kernel_build(work)
    return work / "build/faultline.elf"
