// model.h - a group of frames, a string of references, and what a policy sees of it.
//
// This is docs/replacement.md as a program, written from that text and from the books, not
// from the kernel: where the two disagree on a victim, one of them reads the text wrongly.
// Pages are small dense numbers here; Text keeps what they were called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct Reference {
    int page;
    bool write;
};

constexpr size_t REFERENCES_MOST = 1 << 24;

struct Text {
    std::vector<Reference> references;
    std::vector<uint64_t> names; // of the pages
    size_t warm = 0;             // so many references at the start are not counted

    int page(uint64_t name); // the dense number of a page, a new one if need be
    void add(uint64_t name, bool write); // std::length_error: it is too long a string

private:
    std::vector<std::pair<uint64_t, int>> table;
    size_t used = 0;
};

struct Settings {
    int frames = 3;
    bool exact = false;
    int64_t tick = -1; // faults; 0: never; -1: one for every eighth part of the frames
    uint32_t seed = 1;
};

struct Page {
    bool resident = false;
    bool referenced = false;      // R
    bool since_tick = false;      // the same, for history
    bool modified = false;        // M
    bool slot = false;            // it was written out once
    uint32_t history = 0;         // leftmost bit: the last tick
    uint64_t ghost = 0;           // the policy's, also while it is away; 0: nothing known
    uint64_t evicted_at = 0;
};

class Policy;

class Memory {
public:
    Memory(const Settings &settings, size_t page_count);
    void reference(const Reference &reference, Policy &policy);

    // What a policy may ask.
    bool test_referenced(int page);
    bool test_modified(int page) const { return pages[page].modified; }

    Settings settings;
    std::vector<Page> pages;
    std::vector<int> frame; // the page in it, or -1
    uint64_t faults = 0, ticks = 0, writes = 0;
    std::vector<int> victims;
    bool faulted = false; // the last reference did

private:
    void fault(int page, Policy &policy);
    void tick(Policy &policy);
    int evict(Policy &policy);
};

class Policy {
public:
    explicit Policy(Memory &group) : memory(group) {}
    virtual ~Policy() = default;
    virtual void admit(int page) = 0;
    virtual void referenced(int) {}
    virtual void remove(int page) = 0;
    virtual int victim() = 0;

protected:
    Memory &memory;
};

// Every policy by name; OPT ("opt") needs the string. Null: no such.
std::unique_ptr<Policy> policy_new(const std::string &name, Memory &memory, const Text &text);
const std::vector<std::string> &policy_names(); // opt is the last

struct Outcome {
    uint64_t faults = 0, writes = 0; // after the warm-up
    std::vector<int> victims;
};

Outcome simulate(const std::string &policy, const Settings &settings, const Text &text);
bool policy_wants_exact(const std::string &name);
