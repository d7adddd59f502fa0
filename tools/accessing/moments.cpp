// moments.cpp - records of six words of 32 bits, after two of them that say what the model is.
#include "moments.h"

#include <stdexcept>

namespace {

constexpr uint32_t MAGIC = 0x424c5446, VERSION = 1; // FTLB
constexpr unsigned KIND_AT = 30, BITS_AT = 8, RIGHTS_AT = 16, SMALL_BITS = 32;
constexpr uint64_t COUNT_MOST = 1ull << 31; // in one record: several may be of one moment

bool same(const Entry &a, const Entry &b)
{
    return a.bits == b.bits &&
           (a.bits == 0 || (a.page == b.page && a.space == b.space && a.tag == b.tag && a.frame == b.frame &&
                            a.rights == b.rights));
}

} // namespace

Moments::Moments(const std::string &name, const Setting &setting) : file(std::fopen(name.c_str(), "wb"), std::fclose)
{
    if (!file)
        throw std::runtime_error(name + ": cannot be written");
    const Shape shapes[] = {setting.fetches, setting.data, setting.common};
    std::vector<uint32_t> head = {MAGIC, VERSION};
    size_t places = 0;
    for (size_t level = 0; level < 3; level++) {
        first[level] = places;
        places += shapes[level].entries;
        head.push_back(shapes[level].entries);
        head.push_back(shapes[level].ways);
    }
    head.push_back(setting.least);
    head.push_back(setting.asids);
    head.push_back(static_cast<uint32_t>(setting.replacement));
    head.push_back(0);
    std::fwrite(head.data(), sizeof(uint32_t), head.size(), file.get());
    now.resize(places);
    told.resize(places);
    is_touched.resize(places);
}

void Moments::place(unsigned level, size_t number, const Entry &entry)
{
    size_t at = first[level] + number;
    now[at] = entry;
    if (!is_touched[at])
        touched.push_back(at);
    is_touched[at] = true;
}

void Moments::accessed(uint32_t owner, uint64_t times, Model::Found found)
{
    if (!counting)
        return;
    Counts &each = counts[owner];
    each.accesses += times;
    each.missed += found != Model::Found::FIRST;
    each.walks += found == Model::Found::WALKED;
}

void Moments::dropped(Cause cause, uint64_t entries)
{
    Drops &each = drops[cause];
    each.times++;
    each.entries += static_cast<uint32_t>(entries);
}

void Moments::begin()
{
    counting = true;
}

void Moments::write(uint64_t traced, Kind kind, uint32_t which, uint32_t space, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t words[] = {static_cast<uint32_t>(traced), kind << KIND_AT | which, space, a, b, c};
    std::fwrite(words, sizeof(words), 1, file.get());
}

void Moments::write_entry(uint64_t traced, size_t place)
{
    const Entry &entry = now[place];
    uint32_t above = static_cast<uint32_t>(entry.page >> SMALL_BITS);
    above |= entry.bits << BITS_AT | entry.rights << RIGHTS_AT;
    write(traced, ENTRY, static_cast<uint32_t>(place), entry.space, static_cast<uint32_t>(entry.page), above,
          static_cast<uint32_t>(entry.frame));
}

void Moments::write_counts(uint64_t traced)
{
    for (auto &[owner, each] : counts) {
        while (each.accesses > COUNT_MOST) {
            write(traced, COUNTS, 0, owner, static_cast<uint32_t>(COUNT_MOST), 0, 0);
            each.accesses -= COUNT_MOST;
        }
        write(traced, COUNTS, 0, owner, static_cast<uint32_t>(each.accesses), static_cast<uint32_t>(each.missed),
              static_cast<uint32_t>(each.walks));
    }
    counts.clear();
}

void Moments::moment(uint64_t traced)
{
    for (size_t at : touched) {
        is_touched[at] = false;
        if (same(now[at], told[at]))
            continue;
        write_entry(traced, at);
        told[at] = now[at];
    }
    touched.clear();
    write_counts(traced);
    for (auto &[cause, each] : drops)
        write(traced, DROPPED, cause, 0, each.times, each.entries, 0);
    drops.clear();
}

void Moments::end()
{
    if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0)
        throw std::runtime_error("what the model held could not be written");
}
