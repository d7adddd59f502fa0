// playground.cc - Bochs for a page: its processor runs a slice at a time, and the trace has memory of its own.
//
// Bochs' own main has set the machine up and left it standing there. A browser has one thread for a worker: who
// runs for ever hears no message. So the page's worker asks for one slice after the other, and between two it reads
// what is there and hands on what was typed. A slice ends through a timer of Bochs' own, which no device sees: the
// guest is the same however long its slices are.
//
// The trace's memory is a module beyond the RAM, as QEMU has one (tools/faultline/tracing.py). It is larger than
// what lies behind it: records are written in order and read soon, so their pages take turns in a window.
#include <emscripten.h>

#include "bochs.h"
#include "cpu/cpu.h"
#include "memory/memory-bochs.h"
#include "pc_system.h"

namespace {

constexpr unsigned PAGE = 4096;
constexpr unsigned HEADER = 4 * PAGE;   // the trace's (docs/trace.md): it stays where it is
constexpr unsigned WINDOW = 3200 * 20480; // 20480: whole records, and whole pages

alignas(PAGE) Bit8u header[HEADER];
Bit8u *window;
bx_phy_address module_at;
int timer = -1;

void slice_is_over(void *)
{
    bx_pc_system.kill_bochs_request = 1;
    BX_CPU(0)->async_event = 1;
}

Bit8u *cell(bx_phy_address address, unsigned, void *)
{
    Bit64u offset = address - module_at;
    return offset < HEADER ? header + offset : window + (offset - HEADER) % WINDOW;
}

bool read_cells(bx_phy_address address, unsigned length, void *data, void *)
{
    memcpy(data, cell(address, 0, NULL), length);
    return true;
}

bool write_cells(bx_phy_address address, unsigned length, void *data, void *)
{
    memcpy(cell(address, 0, NULL), data, length);
    return true;
}

} // namespace

extern "C" {

// Put the trace's module into the machine: so many bytes from a physical address.
EMSCRIPTEN_KEEPALIVE void add_module(unsigned address, unsigned bytes)
{
    window = static_cast<Bit8u *>(aligned_alloc(PAGE, WINDOW)); // the processor joins page and offset by OR
    module_at = address;
    bx_phy_address last = module_at + bytes - 1;
    BX_MEM(0)->registerMemoryHandlers(NULL, read_cells, write_cells, cell, address, last);
}

EMSCRIPTEN_KEEPALIVE const void *module_header(void) { return header; }

EMSCRIPTEN_KEEPALIVE const void *module_window(void) { return window; }

EMSCRIPTEN_KEEPALIVE unsigned module_window_bytes(void) { return WINDOW; }

// Run for so many of the machine's ticks. Is the processor halted at their end?
EMSCRIPTEN_KEEPALIVE int run_slice(unsigned ticks)
{
    if (timer < 0)
        timer = bx_pc_system.register_timer_ticks(NULL, slice_is_over, ticks, false, false, "slice");
    bx_pc_system.kill_bochs_request = 0;
    bx_pc_system.activate_timer_ticks(timer, ticks, false);
    BX_CPU(0)->async_event = 1;
    BX_CPU(0)->cpu_loop();
    return BX_CPU(0)->activity_state != BX_CPU_C::BX_ACTIVITY_STATE_ACTIVE;
}

// Ticks since the machine was switched on.
EMSCRIPTEN_KEEPALIVE double ticks_passed(void) { return static_cast<double>(bx_pc_system.time_ticks()); }
}
