// policies_distance.cpp - policies that go by the time between two uses of a page.
#include "policies.h"

#include <list>

namespace {

// One circle of all resident pages. What is known of a page that is away is in its ghost:
// 2 * (time it became the youngest) + 1 if it was in test then; 0: nothing.
class ClockPro : public Policy {
public:
    explicit ClockPro(Memory &group)
        : Policy(group), states(group.pages.size()), hot(circle.end()), cold(circle.end())
    {
    }

    void admit(int page) override
    {
        newest = page;
        Page &p = memory.pages[page];
        bool pass = test_goes_on(p);
        p.ghost = 0;
        bool room = hot_count + cold_share <= circle.size();
        become_youngest(page, pass || room, !(pass || room));
        if (pass) {
            if (tests > 0)
                tests--;
            test_passed();
        }
    }

    void remove(int page) override
    {
        if (newest == page)
            newest = -1;
        const State &state = states[page];
        memory.pages[page].ghost = 2 * state.time + (state.test ? 1 : 0);
        if (state.test && ++tests > circle.size()) {
            tests--;
            test_failed();
        }
        take(page);
    }

    int victim() override
    {
        forget_newest();
        demote();
        for (;;) {
            int page = *cold;
            State &state = states[page];
            cold = after(cold);
            if (state.hot)
                continue;
            if (!memory.test_referenced(page))
                return page;
            bool in_test = state.test;
            take(page);
            become_youngest(page, in_test, !in_test);
            if (in_test)
                test_passed();
            demote();
        }
    }

private:
    using Place = std::list<int>::iterator;
    struct State {
        bool hot = false, test = false;
        uint64_t time = 0; // it became the youngest
        Place place;
    };
    std::list<int> circle;
    std::vector<State> states;
    Place hot, cold; // the hands
    int newest = -1;
    size_t hot_count = 0, cold_share = 1, tests = 0;

    Place after(Place place) { return ++place == circle.end() ? circle.begin() : place; }

    void forget_newest()
    {
        if (newest >= 0)
            memory.test_referenced(newest);
        newest = -1;
    }
    bool test_goes_on(const Page &page)
    {
        if (page.ghost % 2 == 0)
            return false;
        bool younger = circle.empty() || page.ghost / 2 >= states[*hot].time;
        return younger && memory.faults - page.evicted_at <= circle.size() + 1;
    }
    void test_passed()
    {
        if (cold_share + 1 < circle.size())
            cold_share++;
    }
    void test_failed()
    {
        if (cold_share > 1)
            cold_share--;
    }
    void become_youngest(int page, bool is_hot, bool test)
    {
        Place place = circle.insert(hot, page);
        if (circle.size() == 1)
            hot = cold = place;
        states[page] = {is_hot, test, memory.faults, place};
        hot_count += is_hot;
    }
    void take(int page)
    {
        Place place = states[page].place, next = after(place);
        if (cold == place)
            cold = next;
        if (hot == place)
            hot = next;
        circle.erase(place);
        if (circle.empty())
            hot = cold = circle.end();
        hot_count -= states[page].hot;
    }
    void demote()
    {
        while (hot_count > 0 && hot_count + cold_share > circle.size()) {
            State &state = states[*hot];
            if (state.test)
                test_failed();
            state.test = false;
            if (state.hot && memory.test_referenced(*hot)) {
                state.time = memory.faults;
            } else if (state.hot) {
                state.hot = false;
                hot_count--;
            }
            hot = after(hot);
        }
    }
};

// Three queues of pages: those that just came (fresh), those that are passing through (cold),
// those that stay (hot), the one whose known use is oldest first. A page's ghost when it is
// away: 2 * (time of its last known use) + 1 if it was hot.
class Distance : public Policy {
public:
    explicit Distance(Memory &group) : Policy(group), states(group.pages.size()) {}

    void admit(int page) override
    {
        State &state = states[page];
        const Page &p = memory.pages[page];
        state = {};
        state.last_use = memory.faults;
        if (p.ghost) {
            uint64_t away = memory.faults - p.evicted_at;
            state.returned = true;
            state.last_use = p.ghost / 2;
            state.soon = p.ghost % 2 == 0 && away <= 2 * share + total() / 64;
        }
        state.place = fresh.insert(fresh.end(), page);
    }

    void remove(int page) override
    {
        const State &state = states[page];
        memory.pages[page].ghost = 2 * state.last_use + (state.kind == HOT ? 1 : 0);
        take(page);
    }

    int victim() override
    {
        uint64_t window = total() / 256 + (total() < 16 ? 1 : 2);
        if (share < 2 * window || share > total())
            share = 2 * window;
        while (fresh.size() >= window)
            settle(fresh.front());
        for (int i = 0; i < 4 && !hot.empty(); i++)
            look();
        if (hot.size() + share > total())
            cool(0);
        for (size_t left = cold.size(); left > 0; left--) {
            int page = cold.front();
            if (!memory.test_referenced(page)) {
                if (!memory.pages[page].modified && !memory.pages[page].slot && cool(total() / 2))
                    share++; // it will not be known when it comes back
                return page;
            }
            bool better = cool(memory.faults - states[page].last_use);
            use_now(page, better ? HOT : COLD);
        }
        return !cold.empty() ? cold.front() : !hot.empty() ? hot.front() : fresh.front();
    }

private:
    enum Kind { FRESH, COLD, HOT };
    using Queue = std::list<int>;
    struct State {
        Kind kind = FRESH;
        uint64_t last_use = 0;
        bool returned = false, soon = false;
        Queue::iterator place;
    };
    Queue fresh, cold, hot;
    std::vector<State> states;
    Queue::iterator hand = hot.end(); // end: at the first
    uint64_t share = 0;

    uint64_t total() const { return fresh.size() + cold.size() + hot.size(); }
    Queue &queue(Kind kind) { return kind == FRESH ? fresh : kind == COLD ? cold : hot; }

    void take(int page)
    {
        State &state = states[page];
        if (state.kind == HOT && hand == state.place)
            ++hand;
        queue(state.kind).erase(state.place);
    }
    void put(int page, Kind kind, uint64_t last_use)
    {
        take(page);
        Queue::iterator place = queue(kind).insert(queue(kind).end(), page);
        states[page] = {kind, last_use, false, false, place};
    }
    void use_now(int page, Kind kind) { put(page, kind, memory.faults); }

    void look()
    {
        if (hand == hot.end())
            hand = hot.begin();
        int page = *hand++;
        if (memory.test_referenced(page))
            use_now(page, HOT);
    }

    // Does the first of the hot go to the cold, being unused for longer than this?
    bool cool(uint64_t age)
    {
        for (int tries = 0; tries < 2; tries++) {
            if (hot.empty() || memory.faults - states[hot.front()].last_use <= age)
                return false;
            int page = hot.front();
            if (!memory.test_referenced(page)) {
                put(page, COLD, states[page].last_use);
                return true;
            }
            use_now(page, HOT);
        }
        return false;
    }

    void settle(int page)
    {
        const State state = states[page];
        uint64_t age = memory.faults - state.last_use;
        memory.test_referenced(page);
        bool stays = hot.size() + share < total() || (state.returned && cool(age));
        use_now(page, stays ? HOT : COLD);
        if (!stays && state.returned && share > 0)
            share--;
        for (uint64_t more = stays && state.soon ? total() / 128 + 3 : 0; more > 0 && cool(age); more--)
            share++;
    }
};

} // namespace

std::unique_ptr<Policy> policy_by_distance(const std::string &name, Memory &memory)
{
    if (name == "clock-pro")
        return std::make_unique<ClockPro>(memory);
    if (name == "distance")
        return std::make_unique<Distance>(memory);
    return nullptr;
}
