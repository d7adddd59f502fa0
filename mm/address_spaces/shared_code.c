/* mm/address_spaces/shared_code.c - see mm/address_spaces/shared_code.h. */
#include "mm/address_spaces/shared_code.h"

#include "mm/address_spaces/region_layout.h"
#include "mm/page_tables/page_tables.h"

static frame_t shared_table = {UINT32_MAX}, shared_frames[2];

void shared_code_set(frame_t table, frame_t data, frame_t code)
{
    mm_lock();
    shared_table = table;
    shared_frames[0] = data;
    shared_frames[1] = code;
    lent_set(table, SHARED_DATA, data, ACCESS_READ);
    lent_set(table, SHARED_CODE, code, ACCESS_READ | ACCESS_EXECUTE);
    mm_unlock();
}

bool shared_code_frames(frame_t *data, frame_t *code)
{
    *data = shared_frames[0];
    *code = shared_frames[1];
    return frame_is(shared_table);
}

uintptr_t shared_code_map(struct space *space)
{
    mm_lock();
    bool mapped = frame_is(shared_table) &&
                  region_is_free(space, SHARED_START, SHARED_START + TABLE_SPAN) &&
                  lent_give(&space->table, SHARED_DATA, shared_table);
    mm_unlock();
    return mapped ? SHARED_CODE : 0;
}

bool shared_code_there(const struct space *space)
{
    return lent_has(&space->table, SHARED_DATA);
}

frame_t shared_code_frame(const struct space *space, uintptr_t address)
{
    if (!shared_code_within(address, address + 1) || !shared_code_there(space))
        return FRAME_NONE;
    return shared_frames[address >= SHARED_CODE];
}

bool shared_code_bars(const struct space *space, uintptr_t start, uintptr_t end)
{
    return __builtin_expect(end > SHARED_START, false) &&
           start < SHARED_START + TABLE_SPAN && shared_code_there(space);
}

bool shared_code_copy(const struct space *parent, struct space *child)
{
    return !shared_code_there(parent) ||
           lent_give(&child->table, SHARED_DATA, shared_table);
}

void shared_code_unmap(struct space *space, struct flush *flush)
{
    if (lent_take_back(&space->table, SHARED_DATA, flush)) {
        flush_add(flush, SHARED_DATA);
        flush_add(flush, SHARED_CODE);
    }
}

bool shared_code_sound(struct space *space, uintptr_t start)
{
    bool sound = start == SHARED_START && shared_code_there(space) &&
                 region_is_free(space, start, start + TABLE_SPAN);
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        pte_t entry = table_read(shared_table, i);
        frame_t due = shared_code_frame(space, start + i * PAGE_SIZE);
        sound &= frame_is(due)
                     ? !pte_is_writable(entry) && frame_same(pte_frame(entry), due)
                     : pte_is_zero(entry);
    }
    return sound;
}
