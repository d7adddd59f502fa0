// stream.h - where accesses come from: the plugin's stream (records.h), or lines written by hand.
#pragma once

#include "records.h"

#include <cstdint>
#include <cstdio>
#include <istream>
#include <string>
#include <vector>

struct Event {
    unsigned kind = 0; // enum record
    uint64_t page = 0, times = 0;
    enum access access = ACCESS_READ;
    bool user = false;
    uint64_t detail = 0, second = 0; // what other records than accesses have
    unsigned rights = 0;
};

class Source {
public:
    virtual ~Source() = default;
    virtual bool next(Event &event) = 0; // false: that was all. std::runtime_error: it is none
};

// The plugin's. One without its end is of a machine that was killed.
class Stream : public Source {
public:
    explicit Stream(std::FILE *from) : file(from), words(1 << 13) {}
    bool next(Event &event) override;
    bool ended() const { return end; }

private:
    bool word(uint64_t &word);

    std::FILE *file;
    std::vector<uint64_t> words;
    size_t used = 0, count = 0;
    uint64_t total = 0;
    bool end = false;
};

// `r 5`, `w 5`, `x 5`: user code reads, writes, fetches from page 5; with a k before the letter,
// the kernel does. `space 2`: CR3 is written with that space's tables. `flush 5`, `flush-space`,
// `flush-all`. `page 512 large`, `page 7 global`: what the tables say of it. # begins a comment.
class Lines : public Source {
public:
    explicit Lines(std::istream &from) : stream(from) {}
    bool next(Event &event) override;

private:
    void take(std::istream &words, const std::string &what, Event &event);

    std::istream &stream;
    size_t line = 0;
};
