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

} // namespace

std::unique_ptr<Policy> policy_by_distance(const std::string &name, Memory &memory)
{
    if (name == "clock-pro")
        return std::make_unique<ClockPro>(memory);
    return nullptr;
}
