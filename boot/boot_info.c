/* boot/boot_info.c - making sense of the loader's memory map.
 *
 * The firmware's map is a mess by tradition: unsorted, with ranges that overlap and
 * contradict each other, and it knows nothing of the kernel, its modules and the loader's
 * own tables. So: collect every address where something begins or ends, sort them, and ask
 * of each piece between two neighbours whether some entry calls it usable and none claims
 * it otherwise. Slow for large maps, but maps have a dozen entries, and it is plainly
 * right. Pure C: the host's unit test feeds it the worst maps. */
#include "boot/boot_info.h"
#include "arch/mmu.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/text.h"

bool boot_map_add(struct boot_map *map, uint64_t start, uint64_t length, int kind)
{
    if (!length)
        return true;
    if (map->count == BOOT_ENTRIES_MAX)
        return false;
    uint64_t end = start + length < start ? UINT64_MAX : start + length;
    map->entries[map->count].start = start;
    map->entries[map->count].end = end;
    map->entries[map->count].kind = kind;
    map->count++;
    return true;
}

/* Sort all boundaries of the map into `points`; return how many there are. */
static unsigned map_boundaries(const struct boot_map *map, uint64_t *points)
{
    unsigned count = 0;
    for (unsigned i = 0; i < map->count; i++) {
        points[count++] = map->entries[i].start;
        points[count++] = map->entries[i].end;
    }
    for (unsigned i = 1; i < count; i++) {
        uint64_t point = points[i];
        unsigned at = i;
        for (; at && points[at - 1] > point; at--)
            points[at] = points[at - 1];
        points[at] = point;
    }
    return count;
}

/* The piece that starts at `point`, between two neighbouring boundaries, is usable. What
 * is taken counts as usable if `with_taken`. */
static bool piece_usable(const struct boot_map *map, uint64_t point, bool with_taken)
{
    bool usable = false;
    for (unsigned i = 0; i < map->count; i++) {
        if (point < map->entries[i].start || point >= map->entries[i].end)
            continue;
        if (map->entries[i].kind == BOOT_USABLE)
            usable = true;
        else if (map->entries[i].kind == BOOT_RESERVED || !with_taken)
            return false;
    }
    return usable;
}

/* Append, rounded inwards to whole frames; a map with too many pieces loses the rest. */
static void range_append(struct boot_range *ranges, unsigned *count, uint64_t start,
                         uint64_t end)
{
    if (end > BOOT_RAM_MAX)
        end = BOOT_RAM_MAX;
    if (start >= end)
        return;
    start = PAGE_ROUND_UP(start);
    end = PAGE_ROUND_DOWN(end);
    if (start < end && *count < BOOT_RANGES_MAX)
        ranges[(*count)++] = (struct boot_range){start, end};
}

/* Join neighbouring usable pieces into ranges; return how many. */
static unsigned map_ranges(const struct boot_map *map, const uint64_t *points,
                           unsigned point_count, bool with_taken, struct boot_range *ranges)
{
    unsigned count = 0;
    uint64_t start = 0;
    bool inside = false;
    for (unsigned i = 0; i < point_count; i++) {
        bool usable = piece_usable(map, points[i], with_taken);
        if (usable && !inside)
            start = points[i];
        if (!usable && inside)
            range_append(ranges, &count, start, points[i]);
        inside = usable;
    }
    return count;
}

void boot_map_finish(const struct boot_map *map, struct boot_info *info)
{
    static uint64_t points[2 * BOOT_ENTRIES_MAX];
    unsigned count = map_boundaries(map, points);
    info->usable_count = map_ranges(map, points, count, false, info->usable);
    info->ram_count = map_ranges(map, points, count, true, info->ram);
    info->ram_end = info->ram_count ? info->ram[info->ram_count - 1].end : 0;
}

uint64_t boot_usable_bytes(const struct boot_info *info)
{
    uint64_t bytes = 0;
    for (unsigned i = 0; i < info->usable_count; i++)
        bytes += info->usable[i].end - info->usable[i].start;
    return bytes;
}

static void range_remove(struct boot_info *info, unsigned index)
{
    info->usable_count--;
    memmove(&info->usable[index], &info->usable[index + 1],
            (info->usable_count - index) * sizeof(info->usable[0]));
}

uint64_t boot_largest(const struct boot_info *info)
{
    uint64_t largest = 0;
    for (unsigned i = 0; i < info->usable_count; i++)
        if (info->usable[i].end - info->usable[i].start > largest)
            largest = info->usable[i].end - info->usable[i].start;
    return largest;
}

void boot_command_line(struct boot_info *info, const char *text)
{
    text_copy(info->command_line, text, sizeof(info->command_line));
    info->command_line_cut = text[strlen(info->command_line)] != 0;
}

void *boot_take(struct boot_info *info, size_t bytes)
{
    return memset(boot_take_dirty(info, bytes), 0, PAGE_ROUND_UP(bytes));
}

void *boot_take_dirty(struct boot_info *info, size_t bytes)
{
    size_t rounded = PAGE_ROUND_UP(bytes);
    for (unsigned i = 0; i < info->usable_count; i++) {
        uint64_t start = info->usable[i].start;
        if (info->usable[i].end - start < rounded)
            continue;
        info->usable[i].start += rounded;
        if (info->usable[i].start == info->usable[i].end)
            range_remove(info, i);
        return (void *)(DIRECT_MAP + start);
    }
    refuse("boot: no %zu bytes of memory in one piece (%lu in all)", bytes,
           (unsigned long)boot_usable_bytes(info));
}
