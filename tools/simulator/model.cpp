// model.cpp - the order of events of docs/replacement.md.
#include "model.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

static size_t scatter(uint64_t name) { return (name * 0x9E3779B97F4A7C15ull) >> 20; }

int Text::page(uint64_t name)
{
    if (2 * (used + 1) > table.size()) {
        table.assign(std::max<size_t>(64, 4 * table.size()), {0, -1});
        for (size_t i = 0; i < names.size(); i++) {
            size_t at = scatter(names[i]) % table.size();
            while (table[at].second >= 0)
                at = (at + 1) % table.size();
            table[at] = {names[i], static_cast<int>(i)};
        }
    }
    size_t at = scatter(name) % table.size();
    while (table[at].second >= 0 && table[at].first != name)
        at = (at + 1) % table.size();
    if (table[at].second < 0) {
        table[at] = {name, static_cast<int>(names.size())};
        names.push_back(name);
        used++;
    }
    return table[at].second;
}

void Text::add(uint64_t name, bool write)
{
    if (references.size() == REFERENCES_MOST)
        throw std::length_error("a string has at most " + std::to_string(REFERENCES_MOST) +
                                " references");
    references.push_back({page(name), write});
}

Memory::Memory(const Settings &given, size_t page_count)
    : settings(given), pages(page_count)
{
    if (settings.tick < 0)
        settings.tick = settings.frames / 8 + 1;
}

bool Memory::test_referenced(int page)
{
    return std::exchange(pages[page].referenced, false);
}

void Memory::tick(Policy &policy)
{
    ticks++;
    for (int page : frame) {
        Page &p = pages[page];
        p.history = p.history >> 1 | (p.since_tick ? 0x80000000u : 0u);
        if (std::exchange(p.since_tick, false) && !settings.exact)
            policy.referenced(page);
    }
}

// Returns the frame that is now free.
int Memory::evict(Policy &policy)
{
    int page = policy.victim();
    if (page < 0 || !pages[page].resident)
        throw std::logic_error("the policy names no page that is resident");
    policy.remove(page);
    Page &p = pages[page];
    p.resident = false;
    p.evicted_at = faults;
    if (p.modified) {
        writes++;
        p.slot = true;
    } else if (!p.slot) {
        p.ghost = p.evicted_at = 0; // nothing was ever written to it: there is no page any more
    }
    victims.push_back(page);
    return static_cast<int>(std::find(frame.begin(), frame.end(), page) - frame.begin());
}

void Memory::fault(int page, Policy &policy)
{
    faults++;
    if (settings.tick > 0 && faults % static_cast<uint64_t>(settings.tick) == 0)
        tick(policy);
    int where;
    if (frame.size() < static_cast<size_t>(settings.frames)) {
        where = static_cast<int>(frame.size());
        frame.push_back(-1);
    } else {
        where = evict(policy);
    }
    frame[where] = page;
    Page &p = pages[page];
    p.resident = true;
    p.referenced = p.since_tick = p.modified = false;
    p.history = 0;
    policy.admit(page);
}

void Memory::reference(const Reference &reference, Policy &policy)
{
    Page &p = pages[reference.page];
    faulted = !p.resident;
    if (faulted)
        fault(reference.page, policy);
    p.referenced = p.since_tick = true;
    p.modified |= reference.write;
    if (settings.exact)
        policy.referenced(reference.page);
}

Outcome simulate(const std::string &name, const Settings &settings, const Text &text)
{
    Settings used = settings;
    used.exact |= policy_wants_exact(name);
    Memory memory(used, text.names.size());
    std::unique_ptr<Policy> policy = policy_new(name, memory, text);
    if (!policy)
        throw std::invalid_argument("no policy " + name);
    Outcome outcome;
    size_t victims = 0;
    for (size_t i = 0; i < text.references.size(); i++) {
        if (i == text.warm) {
            outcome = {memory.faults, memory.writes, {}};
            victims = memory.victims.size();
        }
        memory.reference(text.references[i], *policy);
    }
    outcome.faults = memory.faults - outcome.faults;
    outcome.writes = memory.writes - outcome.writes;
    outcome.victims.assign(memory.victims.begin() + static_cast<long>(victims),
                           memory.victims.end());
    return outcome;
}
