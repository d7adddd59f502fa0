// windows.h - working sets, exactly: how many pages are among the last D references, for several D.
//
// The pages stand in the order of their last use. A window's oldest page is a place in that order:
// each reference moves one page to the front, and each window's place on by those that fall out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

struct Window {
    uint64_t size;    // D, in references
    double mean;      // of the set's size since the last look
    uint64_t largest;
};

class Windows {
public:
    explicit Windows(const std::vector<uint64_t> &sizes);
    void refer(uint64_t page, uint64_t times); // so many references to it, one behind the other
    std::vector<Window> close();               // since the last look; another part begins
    uint64_t time() const { return now; }      // references so far
    size_t pages() const { return places.size(); }

private:
    struct Page {
        uint64_t name, used; // when, counted from 1
    };
    using Order = std::list<Page>;

    struct State {
        uint64_t size;
        Order::iterator oldest; // within the window; meaningless while count is 0
        uint64_t count = 0, since = 0, sum = 0, largest = 0;
    };
    void let_fall(State &state, uint64_t until);
    void change(State &state, uint64_t at, int64_t by);

    Order order; // the one used last in front
    std::unordered_map<uint64_t, Order::iterator> places;
    std::vector<State> states;
    uint64_t now = 0, part_began = 0;
};
