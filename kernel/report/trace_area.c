/* kernel/report/trace_area.c - the trace's place in memory that the host reads as a file.
 *
 * tools/boot --trace puts a memory module into the machine whose cells are a file of the
 * host's, and says where. What is written there is in the file at once, without a word said
 * to any device: so tracing costs the guest what storing the records costs. First comes a
 * header with all that is needed to read the rest (docs/trace.md): numbers, then text. */
#include "arch/paging.h"
#include "boot/boot_info.h"
#include "kernel/device/block.h"
#include "kernel/parameter.h"
#include "kernel/report/log.h"
#include "kernel/report/trace.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/string.h"
#include "mm/mm.h"

#define MAGIC       0x4543415254544c46ul /* "FLTTRACE" */
#define VERSION     1u
#define HEADER_SIZE 16384u
#define SIZE_LEAST  (2ul << 20)

static struct trace_header {
    uint64_t magic;
    uint32_t version, header_size, record_size, event_count;
    uint64_t written, lost, capacity; /* records */
    uint32_t nframes, npages, zero_frame, reserve, low, high;
    uint32_t text_length, unused;
    char text[];
} * header;

struct trace_area trace_area;

const char *const trace_event_names[TRACE_EVENTS] = {
    [TRACE_FAULT] = "fault",
    [TRACE_REGION] = "region",
    [TRACE_PTE] = "pte",
    [TRACE_PAGE] = "page",
    [TRACE_FILL] = "fill",
    [TRACE_UNSHARE] = "unshare",
    [TRACE_INSTALL] = "install",
    [TRACE_DONE] = "done",
    [TRACE_SPACE] = "space",
    [TRACE_SPACE_END] = "space-end",
    [TRACE_FORK] = "fork",
    [TRACE_MAP] = "map",
    [TRACE_UNMAP] = "unmap",
    [TRACE_PROTECT] = "protect",
    [TRACE_DISCARD] = "discard",
    [TRACE_WIRE] = "wire",
    [TRACE_GROW] = "grow",
    [TRACE_ENTRY] = "entry",
    [TRACE_NEW] = "new",
    [TRACE_FREE] = "free",
    [TRACE_OBJECT] = "object",
    [TRACE_NO_OBJECT] = "no-object",
    [TRACE_WITHDRAW] = "withdraw",
    [TRACE_SLOT] = "slot",
    [TRACE_WRITTEN] = "written",
    [TRACE_EVICT] = "evict",
    [TRACE_RESCUE] = "rescue",
    [TRACE_PAGE_IN] = "page-in",
    [TRACE_GIVE] = "give",
    [TRACE_TAKE] = "take",
    [TRACE_TABLE] = "table",
    [TRACE_STATE] = "state",
    [TRACE_LIST] = "list",
    [TRACE_FORGET] = "forget",
    [TRACE_ZEROED] = "zeroed",
    [TRACE_HAND] = "hand",
    [TRACE_TICK] = "tick",
    [TRACE_LIMIT] = "limit",
    [TRACE_POLICY] = "policy",
    [TRACE_JOIN] = "join",
    [TRACE_HEIR] = "heir",
    [TRACE_CHARGE] = "charge",
    [TRACE_PAGEOUTD] = "pageoutd",
    [TRACE_OOM] = "out-of-memory",
    [TRACE_WORKING_SET] = "working-set",
    [TRACE_PROCESS] = "process",
    [TRACE_EXEC] = "exec",
    [TRACE_EXIT] = "exit",
    [TRACE_SWITCH] = "switch",
    [TRACE_NAME] = "name",
    [TRACE_SUSPEND] = "suspend",
    [TRACE_THRASHING] = "thrashing",
    [TRACE_REQUEST] = "request",
    [TRACE_SERVED] = "served",
    [TRACE_NOTE] = "note",
    [TRACE_DUMP] = "dump",
    [TRACE_DUMP_FRAME] = "dump-frame",
    [TRACE_DUMP_PAGE] = "dump-page",
    [TRACE_DUMP_ENTRY] = "dump-entry",
    [TRACE_DUMP_REGION] = "dump-region",
    [TRACE_LOAD] = "load",
    [TRACE_MODE] = "mode",
    [TRACE_LOCK_WAIT] = "lock-wait",
    [TRACE_SHOOTDOWN] = "shootdown",
    [TRACE_SHOOTDOWN_SENT] = "shootdown-sent",
    [TRACE_SHOOTDOWN_DONE] = "shootdown-done",
    [TRACE_SHOOTDOWN_OVER] = "shootdown-over",
};

void trace_area_start(struct boot_info *info)
{
    if (!parameters.trace_area)
        return;
    if (parameters.trace_area % TABLE_SPAN || parameters.trace_size < SIZE_LEAST)
        refuse("trace_area=, trace_size=: the area begins at a multiple of 2 MiB, and "
               "has 2 MiB or more");
    if (parameters.trace_area < info->ram_end)
        refuse("trace_area=%#lx: there is memory up to %#lx, which is in use",
               parameters.trace_area, info->ram_end);
    header = paging_map_extra(info, parameters.trace_area, parameters.trace_size);
    *(volatile uint64_t *)&header->magic = MAGIC;
    if (*(volatile uint64_t *)&header->magic != MAGIC)
        refuse("trace_area=%#lx: there is no memory", parameters.trace_area);
    header->version = VERSION;
    header->header_size = HEADER_SIZE;
    header->record_size = sizeof(struct trace_record);
    header->capacity = (parameters.trace_size - HEADER_SIZE) / sizeof(struct trace_record);
    trace_area.first = (struct trace_record *)((char *)header + HEADER_SIZE);
    trace_area.end = trace_area.first + header->capacity;
    trace_area.written = &header->written;
    trace_area.lost = &header->lost;
    trace_switch(true);
}

static void __attribute__((format(printf, 1, 2))) say(const char *text, ...)
{
    va_list arguments;
    va_start(arguments, text);
    size_t room = HEADER_SIZE - sizeof(*header) - header->text_length;
    size_t length = format_list(header->text + header->text_length, room, text, arguments);
    va_end(arguments);
    if (length < room)
        header->text_length += length;
}

static void say_names(const char *what, const char *const *names, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        say("%s %u %s\n", what, i, names[i]);
}

void trace_area_describe(void)
{
    static const char *const states[FRAME_STATES] = {
        [FRAME_KERNEL] = "kernel",     [FRAME_FREE] = "free",   [FRAME_BUSY] = "busy",
        [FRAME_RESIDENT] = "resident", [FRAME_TABLE] = "table",
    };
    if (!header)
        return;
    bool several = processor_count > 1;
    header->event_count = several ? TRACE_EVENTS : TRACE_EVENTS_OF_ONE;
    header->nframes = nframes;
    header->npages = npages;
    header->zero_frame = zero_frame.number;
    header->reserve = frame_watermarks.reserve;
    header->low = frame_watermarks.low;
    header->high = frame_watermarks.high;
    say_names("event", trace_event_names, header->event_count);
    say_names("kind", fault_kind_names, FAULT_KINDS);
    say_names("state", states, FRAME_STATES);
    for (unsigned i = 0; policies[i]; i++)
        say("policy %u %s\n", i, policies[i]->name);
    for (const struct block_device *device = block_devices; device; device = device->next)
        say("device %u %s %lu\n", device->number, device->name, device->latency);
    say("parameter swap_latency %lu\nparameter image_latency %lu\nparameter frames %lu\n",
        parameters.swap_latency, parameters.image_latency, parameters.frames);
    if (several)
        say("parameter cpus %u\n", processor_count);
    frame_t data, code;
    if (shared_code_frames(&data, &code))
        say("parameter shared_data %u\nparameter shared_code %u\n", data.number,
            code.number);
}
