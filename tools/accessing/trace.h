// trace.h - whose space is loaded, and which thread of which program runs in it: by the kernel's
// trace (docs/trace.md), read as far as the kernel had written it at that moment (RECORD_TRACED).
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

class Trace {
public:
    Trace() = default; // none: a space is then known by the frame of its root alone
    explicit Trace(const std::string &file); // std::runtime_error: it cannot be read
    void follow(uint64_t count);             // so many records are there now

    // The space whose root is in that frame now; 0: the kernel's own.
    uint32_t space(uint64_t frame) const;
    uint32_t thread() const { return running; } // that runs now
    // What runs in a space; "": nothing is known.
    const std::string &program(uint32_t space) const;

private:
    struct Record;
    bool open_header();
    void take(const Record &record);

    const char *data = nullptr;
    size_t size = 0;
    uint64_t done = 0;
    uint32_t header_size = 0;
    bool header_read = false;
    uint32_t number_space = ~0u, number_process = ~0u, number_exec = ~0u, number_switch = ~0u;
    uint32_t running = 0;
    std::unordered_map<uint64_t, uint32_t> spaces;         // by root
    std::unordered_map<uint32_t, std::string> of_process;  // names
    std::unordered_map<uint32_t, std::string> of_space;
};
