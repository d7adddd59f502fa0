// model.cpp - levels, sets, ways; and what a switch leaves of them.
#include "model.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace {

constexpr unsigned SIZES[] = {PAGE_BITS, LARGE_BITS, HUGE_BITS};
constexpr unsigned ENTRIES_MOST = 1 << 16;

} // namespace

// --- A level -----------------------------------------------------------------------------------

Level::Level(Shape shape, Replacement how, unsigned name)
    : entries(shape.entries), ways(shape.ways), sets(shape.ways ? shape.entries / shape.ways : 0),
      replacement(how), number(name)
{
}

const Entry *Level::find(uint64_t page, uint32_t tag)
{
    for (unsigned bits : SIZES) {
        if (of_size[bits] == 0)
            continue;
        uint64_t wanted = page >> (bits - PAGE_BITS);
        size_t first = set_of(wanted);
        for (size_t at = first; at < first + ways; at++) {
            Entry &entry = entries[at];
            if (entry.bits != bits || entry.page != wanted || (entry.tag != tag && entry.tag != GLOBAL))
                continue;
            if (replacement == Replacement::LRU)
                entry.stamp = ++clock;
            return &entry;
        }
    }
    return nullptr;
}

// A free place of the set, the first; else by the rule.
size_t Level::victim(size_t first)
{
    size_t oldest = first;
    for (size_t at = first; at < first + ways; at++) {
        if (entries[at].bits == 0)
            return at;
        if (entries[at].stamp < entries[oldest].stamp)
            oldest = at;
    }
    if (replacement != Replacement::RANDOM)
        return oldest;
    dice ^= dice >> 12;
    dice ^= dice << 25;
    dice ^= dice >> 27;
    uint64_t top = (dice * 2685821657736338717ull) >> 32;
    return first + static_cast<size_t>(top * ways >> 32);
}

void Level::fill(const Entry &entry)
{
    size_t at = victim(set_of(entry.page));
    if (entries[at].bits != 0) {
        of_size[entries[at].bits]--;
        if (watcher)
            watcher("evict", number, at, entries[at]);
    }
    entries[at] = entry;
    entries[at].stamp = ++clock;
    of_size[entry.bits]++;
    if (watcher)
        watcher("fill", number, at, entries[at]);
}

size_t Level::drop(const std::function<bool(const Entry &)> &which)
{
    size_t dropped = 0;
    for (size_t at = 0; at < entries.size(); at++) {
        if (entries[at].bits == 0 || !which(entries[at]))
            continue;
        if (watcher)
            watcher("drop", number, at, entries[at]);
        of_size[entries[at].bits]--;
        entries[at] = Entry();
        dropped++;
    }
    return dropped;
}

size_t Level::drop_page(uint64_t page, uint32_t tag)
{
    size_t dropped = 0;
    for (unsigned bits : SIZES) {
        if (of_size[bits] == 0)
            continue;
        uint64_t wanted = page >> (bits - PAGE_BITS);
        size_t first = set_of(wanted);
        for (size_t at = first; at < first + ways; at++) {
            Entry &entry = entries[at];
            if (entry.bits != bits || entry.page != wanted || (entry.tag != tag && entry.tag != GLOBAL))
                continue;
            if (watcher)
                watcher("drop", number, at, entry);
            of_size[bits]--;
            entry = Entry();
            dropped++;
        }
    }
    return dropped;
}

// --- All levels --------------------------------------------------------------------------------

Model::Model(const Setting &how)
    : setting(how), fetches(how.fetches, how.replacement, 0), data(how.data, how.replacement, 1),
      common(how.common, how.replacement, 2)
{
}

unsigned Model::bits_of(unsigned rights) const
{
    unsigned bits = rights & RIGHT_HUGE ? HUGE_BITS : rights & RIGHT_LARGE ? LARGE_BITS : PAGE_BITS;
    return std::max(bits, setting.least);
}

unsigned Model::steps(unsigned rights) const
{
    unsigned bits = bits_of(rights);
    return bits == HUGE_BITS ? 2 : bits == LARGE_BITS ? 3 : 4;
}

Model::Found Model::access(uint64_t page, bool fetch, uint32_t space, unsigned rights, uint64_t frame)
{
    Level &own = fetch ? fetches : data;
    if (own.find(page, tag))
        return Found::FIRST;
    if (common.exists()) {
        if (const Entry *found = common.find(page, tag)) {
            own.fill(*found);
            return Found::COMMON;
        }
    }
    Entry entry;
    entry.bits = bits_of(rights);
    entry.page = page >> (entry.bits - PAGE_BITS);
    entry.tag = rights & RIGHT_GLOBAL ? GLOBAL : tag;
    entry.rights = rights;
    entry.space = space;
    entry.frame = frame >> (entry.bits - PAGE_BITS) << (entry.bits - PAGE_BITS);
    if (common.exists())
        common.fill(entry);
    own.fill(entry);
    return Found::WALKED;
}

size_t Model::drop(const std::function<bool(const Entry &)> &which)
{
    return fetches.drop(which) + data.drop(which) + common.drop(which);
}

// The space's ASID; one that has none gets that of the space that was loaded longest ago, whose entries go.
uint32_t Model::tag_of(uint32_t space)
{
    auto found = asid.find(space);
    if (found == asid.end()) {
        uint32_t given = static_cast<uint32_t>(recent.size()) + 1;
        if (recent.size() == setting.asids) {
            given = asid[recent.back()];
            asid.erase(recent.back());
            recent.pop_back();
            recycled += drop([given](const Entry &entry) { return entry.tag == given; });
        }
        found = asid.emplace(space, given).first;
        recent.push_front(space);
    } else if (recent.front() != space) {
        recent.remove(space);
        recent.push_front(space);
    }
    return found->second;
}

void Model::load(uint32_t space)
{
    bool again = space == loaded;
    loaded = space;
    if (setting.asids > 0)
        tag = tag_of(space);
    if (again || setting.asids == 0)
        flush_space();
}

void Model::flush_page(uint64_t page)
{
    flushed += fetches.drop_page(page, tag) + data.drop_page(page, tag) + common.drop_page(page, tag);
}

void Model::flush_space()
{
    flushed += drop([this](const Entry &entry) { return entry.tag == tag; });
}

void Model::flush_all()
{
    flushed += drop([](const Entry &) { return true; });
}

void Model::changed(uint64_t page)
{
    refreshed += fetches.drop_page(page, tag) + data.drop_page(page, tag) + common.drop_page(page, tag);
}

void Model::watch(const Watcher &watcher)
{
    for (Level *level : {&fetches, &data, &common})
        level->watcher = watcher;
}

// --- A setting, in words ------------------------------------------------------------------------

namespace {

unsigned number(const std::string &text, unsigned least, unsigned most)
{
    size_t end = 0;
    unsigned long value = text.empty() || text[0] == '-' ? most + 1ul : std::stoul(text, &end);
    if (end != text.size() || value < least || value > most)
        throw std::invalid_argument(text + ": " + std::to_string(least) + " to " + std::to_string(most) + " is wanted");
    return static_cast<unsigned>(value);
}

// ENTRIES, all in one set, or ENTRIES:WAYS.
Shape shape(const std::string &text)
{
    size_t colon = text.find(':');
    Shape shape;
    shape.entries = number(text.substr(0, colon), 0, ENTRIES_MOST);
    shape.ways = colon == std::string::npos ? shape.entries : number(text.substr(colon + 1), 1, ENTRIES_MOST);
    if (shape.ways && (shape.entries % shape.ways != 0 || shape.entries == 0))
        throw std::invalid_argument(text + ": the ways must divide the entries");
    return shape;
}

void part_read(Setting &setting, const std::string &name, const std::string &value)
{
    if (name == "name")
        setting.name = value;
    else if (name == "l1i")
        setting.fetches = shape(value);
    else if (name == "l1d")
        setting.data = shape(value);
    else if (name == "l2")
        setting.common = shape(value);
    else if (name == "asids")
        setting.asids = number(value, 0, 4096);
    else if (name == "page" && (value == "4K" || value == "2M" || value == "1G"))
        setting.least = value == "4K" ? PAGE_BITS : value == "2M" ? LARGE_BITS : HUGE_BITS;
    else if (name == "replacement" && (value == "lru" || value == "fifo" || value == "random"))
        setting.replacement = value == "lru"    ? Replacement::LRU
                              : value == "fifo" ? Replacement::FIFO
                                                : Replacement::RANDOM;
    else
        throw std::invalid_argument(name + "=" + value + ": name, l1i, l1d, l2, asids, page (4K, 2M, 1G) and "
                                                         "replacement (lru, fifo, random) there are");
}

} // namespace

Setting setting_read(const std::string &text)
{
    Setting setting;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        size_t equals = part.find('=');
        part_read(setting, part.substr(0, equals), equals == std::string::npos ? "" : part.substr(equals + 1));
    }
    if (setting.fetches.entries == 0 || setting.data.entries == 0)
        throw std::invalid_argument(text + ": l1i and l1d want an entry at least");
    return setting;
}
