// policies_order.cpp - policies that choose by order or by count: FIFO, LRU, LFU, MFU, aging,
// random, and Belady's OPT.
#include "policies.h"

#include <limits>
#include <map>
#include <set>

namespace {

// Pages in order of admission; each policy says which of them goes.
class Admitted : public Policy {
public:
    using Policy::Policy;
    void admit(int page) override { order.push_back(page); }
    void remove(int page) override { list_erase(order, page); }

protected:
    List order;
};

class Fifo : public Admitted {
public:
    using Admitted::Admitted;
    int victim() override { return order.front(); }
};

class Lru : public Admitted {
public:
    using Admitted::Admitted;
    void referenced(int page) override
    {
        if (order.back() != page) {
            list_erase(order, page);
            order.push_back(page);
        }
    }
    int victim() override { return order.front(); }
};

class Counted : public Admitted {
public:
    explicit Counted(Memory &group) : Admitted(group), uses(group.pages.size()) {}
    void admit(int page) override
    {
        Admitted::admit(page);
        uses[page] = 0;
    }
    void referenced(int page) override { uses[page]++; }

protected:
    std::vector<uint64_t> uses;
};

class Lfu : public Counted {
public:
    using Counted::Counted;
    int victim() override
    {
        return *std::min_element(order.begin(), order.end(),
                                 [this](int a, int b) { return uses[a] < uses[b]; });
    }
};

class Mfu : public Counted {
public:
    using Counted::Counted;
    int victim() override
    {
        return *std::max_element(order.begin(), order.end(),
                                 [this](int a, int b) { return uses[a] < uses[b]; });
    }
};

class Aging : public Admitted {
public:
    using Admitted::Admitted;
    void admit(int page) override
    {
        Admitted::admit(page);
        memory.pages[page].history |= 0x80000000u; // it comes because it is used
    }
    int victim() override
    {
        auto counter = [this](int page) { return memory.pages[page].history >> 24; };
        return *std::min_element(order.begin(), order.end(),
                                 [&](int a, int b) { return counter(a) < counter(b); });
    }
};

class Random : public Admitted {
public:
    explicit Random(Memory &group) : Admitted(group), dice(group.settings.seed) {}
    int victim() override
    {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        return order[(static_cast<uint64_t>(dice) * order.size()) >> 32];
    }

private:
    uint32_t dice;
};

// Who is used again last goes; of those never used again, the one first in the string.
class Opt : public Policy {
public:
    Opt(Memory &group, const Text &text) : Policy(group), uses(text.names.size())
    {
        for (size_t i = 0; i < text.references.size(); i++)
            uses[text.references[i].page].push_back(i);
        next.resize(uses.size());
    }
    void admit(int page) override { place(page); }
    void referenced(int page) override
    {
        by_next.erase({-when(page), page});
        next[page]++;
        place(page);
    }
    void remove(int page) override { by_next.erase({-when(page), page}); }
    int victim() override { return by_next.begin()->second; }

private:
    using Time = long long;
    Time when(int page) const
    {
        return next[page] < uses[page].size() ? static_cast<Time>(uses[page][next[page]])
                                              : std::numeric_limits<Time>::max();
    }
    void place(int page) { by_next.insert({-when(page), page}); }

    std::vector<std::vector<size_t>> uses;
    std::vector<size_t> next; // of each page: index of its next use, in uses
    std::set<std::pair<Time, int>> by_next;
};

} // namespace

std::unique_ptr<Policy> policy_by_order(const std::string &name, Memory &memory, const Text &text)
{
    if (name == "fifo")
        return std::make_unique<Fifo>(memory);
    if (name == "lru")
        return std::make_unique<Lru>(memory);
    if (name == "lfu")
        return std::make_unique<Lfu>(memory);
    if (name == "mfu")
        return std::make_unique<Mfu>(memory);
    if (name == "aging")
        return std::make_unique<Aging>(memory);
    if (name == "random")
        return std::make_unique<Random>(memory);
    if (name == "opt")
        return std::make_unique<Opt>(memory, text);
    return nullptr;
}
