// trace.cpp - what the trace says of spaces and programs, and nothing else of it.
#include "trace.h"

#include <cstring>
#include <fcntl.h>
#include <sstream>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr size_t TEXT = 80, TEXT_LENGTH = 72, HEADER_SIZE = 12;

const std::string nothing;

} // namespace

struct Trace::Record {
    uint64_t time;
    uint32_t event, space;
    uint64_t address, detail;
    uint32_t page, frame;

    std::string name() const // of an EXEC
    {
        char text[17] = {};
        std::memcpy(text, &address, 8);
        std::memcpy(text + 8, &detail, 8);
        return text;
    }
};

Trace::Trace(const std::string &file)
{
    int descriptor = open(file.c_str(), O_RDONLY);
    struct stat found;
    if (descriptor < 0 || fstat(descriptor, &found) != 0)
        throw std::runtime_error(file + ": cannot be read");
    size = static_cast<size_t>(found.st_size);
    void *place = mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (place == MAP_FAILED)
        throw std::runtime_error(file + ": cannot be mapped");
    data = static_cast<const char *>(place);
}

// The kernel writes the names of its events while it makes the first records: false, not all are there yet.
bool Trace::open_header()
{
    uint32_t length;
    std::memcpy(&header_size, data + HEADER_SIZE, 4);
    std::memcpy(&length, data + TEXT_LENGTH, 4);
    if (TEXT + length > size)
        return false;
    std::istringstream text(std::string(data + TEXT, length));
    for (std::string line; std::getline(text, line);) {
        std::istringstream words(line);
        std::string what, name;
        uint32_t number;
        if (!(words >> what >> number >> name) || what != "event")
            continue;
        if (name == "space")
            number_space = number;
        if (name == "process")
            number_process = number;
        if (name == "exec")
            number_exec = number;
        if (name == "switch")
            number_switch = number;
    }
    return number_space != ~0u && number_process != ~0u && number_exec != ~0u && number_switch != ~0u;
}

void Trace::take(const Record &record)
{
    if (record.event == number_space) {
        spaces[record.frame] = record.space;
    } else if (record.event == number_process) {
        auto parent = of_process.find(static_cast<uint32_t>(record.detail));
        of_process[record.page] = parent == of_process.end() ? "init" : parent->second;
        if (record.space != 0)
            of_space.emplace(record.space, of_process[record.page]);
    } else if (record.event == number_exec) {
        of_space[record.space] = of_process[record.page] = record.name();
    } else if (record.event == number_switch) {
        running = record.frame;
    }
}

void Trace::follow(uint64_t count)
{
    if (data == nullptr || (!header_read && !(header_read = open_header())))
        return;
    for (; done < count; done++) {
        size_t at = header_size + done * sizeof(Record);
        if (at + sizeof(Record) > size)
            return;
        Record record;
        std::memcpy(&record, data + at, sizeof(record));
        take(record);
    }
}

uint32_t Trace::space(uint64_t frame) const
{
    if (data == nullptr)
        return static_cast<uint32_t>(frame);
    auto found = spaces.find(frame);
    return found == spaces.end() ? 0 : found->second;
}

const std::string &Trace::program(uint32_t space) const
{
    auto found = of_space.find(space);
    return found == of_space.end() ? nothing : found->second;
}
