// windows.cpp - one reference moves one page.
#include "windows.h"

#include <algorithm>

Windows::Windows(const std::vector<uint64_t> &sizes)
{
    for (uint64_t size : sizes) {
        State state;
        state.size = size;
        states.push_back(state);
    }
}

// The set has `by` pages more from time `at` on.
void Windows::change(State &state, uint64_t at, int64_t by)
{
    state.sum += state.count * (at - state.since);
    state.since = at;
    state.count += static_cast<uint64_t>(by);
}

// A page that was used at time u is in the window up to, and without, the time u + D.
void Windows::let_fall(State &state, uint64_t until)
{
    while (state.count > 0 && state.oldest->used + state.size <= until) {
        change(state, state.oldest->used + state.size, -1);
        if (state.count > 0)
            --state.oldest;
    }
}

void Windows::refer(uint64_t page, uint64_t times)
{
    auto known = places.find(page);
    uint64_t first = now + 1;
    for (State &state : states) {
        let_fall(state, first);
        bool inside = known != places.end() && known->second->used + state.size > first;
        if (!inside) {
            change(state, first, 1);
        } else if (state.oldest == known->second && state.count > 1) {
            --state.oldest;
        }
        state.largest = std::max(state.largest, state.count);
    }
    now += times;
    if (known != places.end()) {
        order.splice(order.begin(), order, known->second);
        order.front().used = now;
    } else {
        order.push_front({page, now});
        places[page] = order.begin();
    }
    for (State &state : states) {
        if (state.count == 1)
            state.oldest = order.begin();
        let_fall(state, now);
    }
}

std::vector<Window> Windows::close()
{
    std::vector<Window> found;
    for (State &state : states) {
        change(state, now + 1, 0);
        uint64_t length = now - part_began;
        found.push_back({state.size, length ? static_cast<double>(state.sum) / static_cast<double>(length) : 0,
                         state.largest});
        state.sum = 0;
        state.largest = 0;
    }
    part_began = now;
    return found;
}
