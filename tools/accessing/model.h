// model.h - a modelled TLB. docs/tlb.md is its text; tests/tlb_model.py a second one, from that.
//
// Levels of entries in sets: one for fetches, one for data, and behind both a common one, or none.
// An access looks into its own level, then into the common one, and else the tables are walked.
// What was found behind is put into each level before it. An entry holds a page of the size that it
// has in the tables, or of `least` where that is larger: what if pages were?
#pragma once

#include "stream.h"

#include <functional>
#include <list>
#include <string>
#include <unordered_map>
#include <vector>

constexpr unsigned PAGE_BITS = 12, LARGE_BITS = 21, HUGE_BITS = 30;
constexpr uint32_t GLOBAL = ~0u; // the tag of entries that are every space's

enum class Replacement { LRU, FIFO, RANDOM };

struct Shape {
    unsigned entries = 0, ways = 0; // no entries: no such level
};

struct Setting {
    std::string name;
    Shape fetches{64, 8}, data{64, 4}, common{1536, 12};
    Replacement replacement = Replacement::LRU;
    unsigned least = PAGE_BITS;
    unsigned asids = 0; // so many address-space identifiers; 0: a switch flushes
};

struct Entry {
    uint64_t page = 0; // in units of its own size
    uint32_t tag = 0;
    uint32_t space = 0;
    uint64_t frame = 0; // in units of 4 KiB: the first, if the page is larger
    unsigned bits = 0; // of an offset in it; 0: the entry is free
    unsigned rights = 0; // RIGHT_…, as the tables had them when they were walked
    uint64_t stamp = 0;
};

// What was done to an entry: for whoever wants to follow each.
using Watcher =
    std::function<void(const char *what, unsigned level, size_t place, const Entry &entry)>;

class Level {
public:
    Level(Shape shape, Replacement replacement, unsigned number);
    bool exists() const { return !entries.empty(); }
    const Entry *find(uint64_t page, uint32_t tag); // a page of 4 KiB
    void fill(const Entry &entry);
    size_t drop(const std::function<bool(const Entry &)> &which);
    size_t drop_page(uint64_t page, uint32_t tag); // its entry, or a global one
    Watcher watcher;

private:
    size_t set_of(uint64_t page) const { return page % sets * ways; }
    size_t victim(size_t first);

    std::vector<Entry> entries;
    size_t ways, sets;
    Replacement replacement;
    unsigned number;
    uint64_t clock = 0, dice = 0x9e3779b97f4a7c15ull;
    unsigned of_size[HUGE_BITS + 1] = {}; // how many entries are of pages so large
};

// What became of accesses, one way to count them.
struct Counts {
    uint64_t accesses = 0;
    uint64_t first = 0, common = 0; // hits: in the first level, in the common one
    uint64_t walks = 0, steps = 0;  // and entries that the walks read
};

class Model {
public:
    explicit Model(const Setting &setting);

    enum class Found { FIRST, COMMON, WALKED };
    // Of the loaded space.
    Found access(uint64_t page, bool fetch, uint32_t space, unsigned rights, uint64_t frame);
    void load(uint32_t space);   // CR3 is written
    void flush_page(uint64_t page);
    void flush_space();
    void flush_all();
    void changed(uint64_t page); // the tables say something new of it
    uint64_t gone() const { return flushed + refreshed + recycled; }
    unsigned steps(unsigned rights) const;
    void watch(const Watcher &watcher);

    Setting setting;
    Counts user, kernel;
    // Entries that went: by a switch or a flush; by `changed`; with their ASID.
    uint64_t flushed = 0, refreshed = 0, recycled = 0;

private:
    unsigned bits_of(unsigned rights) const;
    uint32_t tag_of(uint32_t space);
    size_t drop(const std::function<bool(const Entry &)> &which);

    Level fetches, data, common;
    uint32_t loaded = 0, tag = 1;
    std::list<uint32_t> recent; // spaces that have an ASID, the one loaded last first
    std::unordered_map<uint32_t, uint32_t> asid;
};

// std::invalid_argument: no such setting. `name=48:l1i=64:8,…`
Setting setting_read(const std::string &text);
