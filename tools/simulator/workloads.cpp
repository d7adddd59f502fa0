// workloads.cpp - more strings, unlike those of the benchmark: for judging a policy that was
// made while looking at those. All are N * K references, with F the frames they are meant for.
#include "lists.h"
#include "program.h"

#include <cmath>
#include <functional>
#include <map>

namespace {

// xorshift64*; 0 … bound - 1, and 0 … 1.
class Dice {
public:
    uint64_t below(uint64_t bound) { return (next() * bound) >> 32; }
    double unit() { return static_cast<double>(next()) / 4294967296.0; }

private:
    uint64_t state = 0x9E3779B97F4A7C15ull;
    uint64_t next()
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return (state * 2685821657736338717ull) >> 32;
    }
};

struct Sizes {
    uint64_t pages, frames, count;
};
using Put = std::function<void(uint64_t page)>;

// A working set of 0.7 F pages that is another one every 4 F references.
void shift(const Sizes &sizes, Dice &dice, const Put &put)
{
    uint64_t set = std::max<uint64_t>(1, sizes.frames * 7 / 10);
    uint64_t sets = std::max<uint64_t>(1, sizes.pages / set);
    for (uint64_t k = 0; k < sizes.count; k++)
        put(k / (4 * sizes.frames) % sets * set + dice.below(set));
}

// A working set of 0.8 F pages that moves on by a page every ten references.
void drift(const Sizes &sizes, Dice &dice, const Put &put)
{
    uint64_t set = std::max<uint64_t>(1, sizes.frames * 8 / 10);
    for (uint64_t k = 0; k < sizes.count; k++)
        put((k / 10 + dice.below(set)) % sizes.pages);
}

// Made for LRU: each page is taken from a depth of the LRU stack, deep ones more rarely.
void stack(const Sizes &sizes, Dice &dice, const Put &put)
{
    List pages(sizes.pages);
    for (uint64_t i = 0; i < sizes.pages; i++)
        pages[i] = static_cast<int>(i);
    for (uint64_t k = 0; k < sizes.count; k++) {
        double depth = 0.3 * static_cast<double>(sizes.frames) * (std::pow(dice.unit() + 1e-9, -0.7) - 1);
        auto place = pages.begin() + static_cast<long>(std::min(depth, static_cast<double>(sizes.pages - 1)));
        std::rotate(pages.begin(), place, place + 1);
        put(static_cast<uint64_t>(pages[0]));
    }
}

// Files of 0.1, 0.3, 0.5, 1.2, 2 and 3 F pages, each read from end to end; large ones rarely.
void files(const Sizes &sizes, Dice &dice, const Put &put)
{
    const double size[] = {0.1, 0.3, 0.5, 1.2, 2, 3}, until[] = {0.4, 0.65, 0.8, 0.9, 0.96, 1};
    uint64_t k = 0;
    while (k < sizes.count) {
        double which = dice.unit();
        uint64_t first = 0;
        int file = 0;
        for (; which >= until[file]; file++)
            first += static_cast<uint64_t>(size[file] * static_cast<double>(sizes.frames)) + 1;
        uint64_t end = static_cast<uint64_t>(size[file] * static_cast<double>(sizes.frames)) + 1;
        for (uint64_t i = 0; i < end && k < sizes.count; i++, k++)
            put(first + i);
    }
}

// Two loops in turn, of 0.6 and 0.9 F pages.
void two_loops(const Sizes &sizes, Dice &, const Put &put)
{
    uint64_t one = sizes.frames * 6 / 10 + 1, other = sizes.frames * 9 / 10 + 1;
    for (uint64_t k = 0; k < sizes.count; k++)
        put(k % 2 ? one + k / 2 % other : k / 2 % one);
}

// Rank with weight 1 / rank, of `ranks`.
uint64_t zipf(Dice &dice, uint64_t ranks)
{
    return static_cast<uint64_t>(std::pow(static_cast<double>(ranks), dice.unit())) - 1;
}

// By turns, 6 F references each: Zipf, a loop of 1.5 F pages, a working set of 0.8 F.
void phases(const Sizes &sizes, Dice &dice, const Put &put)
{
    uint64_t frames = sizes.frames;
    for (uint64_t k = 0; k < sizes.count; k++) {
        switch (k / (6 * frames) % 3) {
        case 0:
            put(zipf(dice, 4 * frames));
            break;
        case 1:
            put(4 * frames + k % (frames * 3 / 2));
            break;
        default:
            put(6 * frames + dice.below(std::max<uint64_t>(1, frames * 8 / 10)));
        }
    }
}

// Zipf over 2 F pages, and every third reference goes on through pages never used again.
void zipf_scan(const Sizes &sizes, Dice &dice, const Put &put)
{
    for (uint64_t k = 0; k < sizes.count; k++)
        put(k % 3 == 2 ? 2 * sizes.frames + k / 3 : zipf(dice, 2 * sizes.frames));
}

// Up and down again.
void zigzag(const Sizes &sizes, Dice &, const Put &put)
{
    for (uint64_t k = 0; k < sizes.count; k++)
        put(k / sizes.pages % 2 ? sizes.pages - 1 - k % sizes.pages : k % sizes.pages);
}

} // namespace

bool generate_more(Text &text, const std::string &name, unsigned pages, unsigned frames,
                   unsigned factor)
{
    static const std::map<std::string, void (*)(const Sizes &, Dice &, const Put &)> workloads = {
        {"shift", shift},         {"drift", drift},   {"stack", stack},         {"files", files},
        {"two_loops", two_loops}, {"phases", phases}, {"zipf_scan", zipf_scan}, {"zigzag", zigzag}};
    auto found = workloads.find(name);
    if (found == workloads.end())
        return false;
    Dice dice;
    found->second({pages, std::max(1u, frames), uint64_t{pages} * factor}, dice,
                  [&text](uint64_t page) { text.add(page, true); });
    return true;
}
