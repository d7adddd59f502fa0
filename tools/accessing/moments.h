// moments.h - what a model held at each record of the kernel's trace: for a page that shows both.
//
// Between two records an entry may come and go many times. Written down (docs/tlb.md) is only how a
// place differs from what it was at the record before, what was accessed meanwhile, and what was
// dropped and why.
#pragma once

#include "model.h"

#include <cstdio>
#include <map>
#include <memory>

class Moments {
public:
    // Why entries went, as it is written.
    enum Cause : uint32_t { SWITCH = 1, RELOAD, PAGE, SPACE, ALL, CHANGED };

    // std::runtime_error: it cannot be written.
    Moments(const std::string &file, const Setting &setting);
    // A place holds this from now on; a free one: nothing.
    void place(unsigned level, size_t number, const Entry &entry);
    void accessed(uint32_t owner, uint64_t times, Model::Found found);
    void dropped(Cause cause, uint64_t entries);
    void begin();                 // accesses are counted from here on
    void moment(uint64_t traced); // the trace has so many records now
    void end();                   // std::runtime_error: not all could be written

private:
    enum Kind : uint32_t { ENTRY = 0, COUNTS = 1, DROPPED = 2 };

    struct Counts {
        uint64_t accesses = 0, missed = 0, walks = 0;
    };
    struct Drops {
        uint32_t times = 0, entries = 0;
    };
    void write(uint64_t traced, Kind kind, uint32_t which, uint32_t space, uint32_t a, uint32_t b,
               uint32_t c);
    void write_entry(uint64_t traced, size_t place);
    void write_counts(uint64_t traced);

    std::unique_ptr<std::FILE, int (*)(std::FILE *)> file;
    size_t first[3];                 // place of each level
    std::vector<Entry> now, told;    // of each place: what it holds, and held at the record before
    std::vector<size_t> touched;     // places that may differ
    std::vector<bool> is_touched;
    std::map<uint32_t, Counts> counts; // since the record before, by whose the pages are
    std::map<Cause, Drops> drops;
    bool counting = false;
};
