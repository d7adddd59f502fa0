// policies_clock.cpp - policies with one hand: second chance, enhanced second chance, SIEVE,
// WSClock.
#include "policies.h"

#include <map>

namespace {

class OneHand : public Policy {
public:
    using Policy::Policy;
    void admit(int page) override { circle.insert_behind_hand(page); }
    void remove(int page) override { circle.erase(page); }

protected:
    Circle circle;
};

class Clock : public OneHand {
public:
    using OneHand::OneHand;
    int victim() override
    {
        while (memory.test_referenced(circle.under_hand()))
            circle.advance();
        return circle.under_hand();
    }
};

class ClockRM : public OneHand {
public:
    using OneHand::OneHand;
    int victim() override
    {
        bool found = (memory.faults >= look_again && find_clean()) || find(true, true) ||
                     find_clean() || find(true, true);
        return found ? circle.under_hand() : -1;
    }

private:
    uint64_t look_again = 0;

    bool find_clean()
    {
        bool found = find(false, false);
        if (!found)
            look_again = memory.faults + circle.pages.size() / 64;
        return found;
    }
    // Once round for (R, M) = (0, modified).
    bool find(bool modified, bool clear)
    {
        for (size_t i = 0; i < circle.pages.size(); i++) {
            Page &page = memory.pages[circle.under_hand()];
            if (!page.referenced && page.modified == modified)
                return true;
            if (clear)
                page.referenced = false;
            circle.advance();
        }
        return false;
    }
};

// The queue from the oldest on; `hand` is an index, at the end: to begin with the oldest again.
class Sieve : public Policy {
public:
    using Policy::Policy;
    void admit(int page) override
    {
        queue.push_back(page);
        arrived.push_back(page);
    }
    void remove(int page) override
    {
        size_t where = static_cast<size_t>(std::find(queue.begin(), queue.end(), page) - queue.begin());
        queue.erase(queue.begin() + static_cast<long>(where));
        if (where < hand)
            hand--;
        if (hand == queue.size())
            hand = 0;
    }
    int victim() override
    {
        for (int page : arrived)
            memory.test_referenced(page);
        arrived.clear();
        while (memory.test_referenced(queue[hand]))
            hand = (hand + 1) % queue.size();
        return queue[hand];
    }

private:
    List queue, arrived; // since a victim was last asked for
    size_t hand = 0;
};

class WSClock : public OneHand {
public:
    using OneHand::OneHand;
    void admit(int page) override
    {
        OneHand::admit(page);
        last_use[page] = memory.faults;
    }
    int victim() override
    {
        if (memory.faults >= look_again)
            return round();
        while (use(circle.under_hand()))
            circle.advance();
        return circle.under_hand();
    }

private:
    std::map<int, uint64_t> last_use;
    uint64_t look_again = 0;

    bool use(int page)
    {
        bool used = memory.test_referenced(page);
        if (used)
            last_use[page] = memory.faults;
        return used;
    }
    bool old(int page) { return memory.faults - last_use[page] > circle.pages.size() / 2; }
    int choose(size_t place)
    {
        circle.at = place;
        return circle.under_hand();
    }
    int round()
    {
        size_t count = circle.pages.size(), start = circle.at, oldest = start;
        for (size_t i = 0; i < count; i++) {
            size_t place = (start + i) % count;
            int page = circle.pages[place];
            use(page);
            if (old(page))
                return memory.test_modified(page) ? further(start, i) : choose(place);
            if (last_use[page] < last_use[circle.pages[oldest]])
                oldest = place;
        }
        int page = choose(oldest);
        look_again = last_use[page] + count / 2 + 1;
        return page;
    }
    // An old dirty page is at start + found: is there an old clean one in the next 16?
    int further(size_t start, size_t found)
    {
        size_t count = circle.pages.size();
        for (size_t i = found + 1; i <= found + 16 && i < count; i++) {
            size_t place = (start + i) % count;
            int page = circle.pages[place];
            use(page);
            if (old(page) && !memory.test_modified(page))
                return choose(place);
        }
        return choose((start + found) % count);
    }
};

} // namespace

std::unique_ptr<Policy> policy_by_clock(const std::string &name, Memory &memory)
{
    if (name == "clock")
        return std::make_unique<Clock>(memory);
    if (name == "clock-rm")
        return std::make_unique<ClockRM>(memory);
    if (name == "sieve")
        return std::make_unique<Sieve>(memory);
    if (name == "wsclock")
        return std::make_unique<WSClock>(memory);
    return nullptr;
}
