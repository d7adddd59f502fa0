// lists.h - lists of pages, written for the eye: arrays in which one searches and shifts.
#pragma once

#include <algorithm>
#include <vector>

using List = std::vector<int>;

inline void list_erase(List &list, int page)
{
    list.erase(std::find(list.begin(), list.end(), page));
}

// A circle of pages with a hand on one of them: `at` is the hand's place in the array.
struct Circle {
    List pages;
    size_t at = 0;

    int under_hand() const { return pages[at]; }
    void advance() { at = at + 1 < pages.size() ? at + 1 : 0; }
    void insert_behind_hand(int page)
    {
        pages.insert(pages.begin() + static_cast<long>(at), page);
        if (pages.size() > 1)
            at = at + 1;
    }
    void erase(int page)
    {
        size_t where = static_cast<size_t>(std::find(pages.begin(), pages.end(), page) - pages.begin());
        pages.erase(pages.begin() + static_cast<long>(where));
        if (where < at)
            at--;
        if (at >= pages.size())
            at = 0;
    }
};
