// string_main.cpp - build/reference-string: accesses in, a string of references out, or what can be said of it.
//
// What one reference is, docs/exact-mode.md says, and the kernel's exact mode keeps to it: one instruction, one
// page, one reference, however often; so is one system call, for the pages that the kernel copies to or from. An
// instruction that faults is begun again, and is one all the same.
//
// No string is kept: whatever is asked of it is worked out as it comes by, in memory that grows with the
// number of pages only.
#include "stream.h"
#include "trace.h"
#include "windows.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <set>

namespace {

constexpr size_t CALL_KEEPS = 12;    // pages that a call holds on to (mm/frame_allocation/group_hooks.h)
constexpr size_t CALL_MOST = 1 << 12; // references of a call that wait for its end
constexpr uint64_t USER_PAGES = 1ull << (PAGE_NUMBER_BITS - 1);
// What all spaces have (mm/address_spaces/shared_code.h): as wired memory, no pages of the program's.
constexpr uint64_t SHARED_FIRST = 0x7ffff8100, SHARED_END = 0x7ffff8102;

const char *const usage =
    "usage: reference-string --trace FILE --page-fault ADDRESS [--program NAME] [--window LOW-HIGH] [--most N]\n"
    "                        [--collapse | --summary | --working-set D,D,… --every N | --locality --every N]\n"
    "the stream of accesses is the standard input (tools/accessing/records.h)\n";

struct Arguments {
    std::string trace, program;
    uint64_t page_fault = 0; // where the kernel begins at one
    uint64_t low = 0, high = USER_PAGES, most = ~0ull, every = 0;
    bool collapse = false, summary = false, locality = false;
    std::vector<uint64_t> windows;
};

struct Reference {
    uint64_t page;
    char kind; // r, w, x
};

// Somebody who takes the references; so many in a row to the same page.
class Taker {
public:
    virtual ~Taker() = default;
    virtual void take(uint32_t space, Reference reference, uint64_t times) = 0;
    virtual void end() {}
};

// --- What can be made of them --------------------------------------------------------------------

// A line each, as memory.references has them.
class Printer : public Taker {
public:
    void take(uint32_t space, Reference reference, uint64_t times) override
    {
        for (; times > 0; times--)
            std::printf("0x%012" PRIx64 " %c # %u\n", reference.page << 12, reference.kind, space);
    }
};

// The same; neighbours that are the same page are one, a write if one of them is.
class Collapser : public Taker {
public:
    void take(uint32_t space, Reference reference, uint64_t) override
    {
        if (has && space == last_space && reference.page == last.page) {
            if (reference.kind == 'w')
                last.kind = 'w';
            return;
        }
        end();
        has = true;
        last = reference;
        last_space = space;
    }
    void end() override
    {
        if (has)
            printer.take(last_space, last, 1);
        has = false;
    }

private:
    Printer printer;
    Reference last{};
    uint32_t last_space = 0;
    bool has = false;
};

class Summary : public Taker {
public:
    void take(uint32_t space, Reference reference, uint64_t times) override
    {
        counts[reference.kind] += times;
        pages.insert(static_cast<uint64_t>(space) << PAGE_NUMBER_BITS | reference.page);
    }
    void end() override
    {
        std::printf("references %" PRIu64 "\n", counts['r'] + counts['w'] + counts['x']);
        std::printf("reads %" PRIu64 "\nwrites %" PRIu64 "\nfetches %" PRIu64 "\npages %zu\n", counts['r'], counts['w'],
                    counts['x'], pages.size());
    }

private:
    std::map<char, uint64_t> counts;
    std::set<uint64_t> pages;
};

// The size of the working set, for each window: its mean and its largest in each part of the string.
class Sets : public Taker {
public:
    Sets(const std::vector<uint64_t> &sizes, uint64_t every) : windows(sizes), part(every), left(every)
    {
        std::puts("references,window,mean,largest,pages");
    }
    void take(uint32_t space, Reference reference, uint64_t times) override
    {
        while (times > 0) {
            uint64_t now = std::min(times, left);
            windows.refer(static_cast<uint64_t>(space) << PAGE_NUMBER_BITS | reference.page, now);
            times -= now;
            left -= now;
            if (left == 0)
                print();
        }
    }
    void end() override
    {
        if (left < part)
            print();
    }

private:
    void print()
    {
        for (const Window &window : windows.close())
            std::printf("%" PRIu64 ",%" PRIu64 ",%.2f,%" PRIu64 ",%zu\n", windows.time(), window.size, window.mean,
                        window.largest, windows.pages());
        left = part;
    }

    Windows windows;
    uint64_t part, left;
};

// Runs of neighbouring pages that were used in each part of the string.
class Locality : public Taker {
public:
    explicit Locality(uint64_t every) : part(every), left(every) { std::puts("references,address,pages"); }
    void take(uint32_t, Reference reference, uint64_t times) override
    {
        while (times > 0) {
            uint64_t now = std::min(times, left);
            used.insert(reference.page);
            time += now;
            times -= now;
            left -= now;
            if (left == 0)
                end();
        }
    }
    void end() override
    {
        for (auto first = used.begin(); first != used.end();) {
            uint64_t start = *first, next = start;
            for (; first != used.end() && *first == next; ++first)
                next++;
            std::printf("%" PRIu64 ",0x%" PRIx64 ",%" PRIu64 "\n", time, start << 12, next - start);
        }
        used.clear();
        left = part;
    }

private:
    std::set<uint64_t> used;
    uint64_t part, left, time = 0;
};

std::unique_ptr<Taker> taker(const Arguments &arguments)
{
    if (arguments.summary)
        return std::make_unique<Summary>();
    if (!arguments.windows.empty())
        return std::make_unique<Sets>(arguments.windows, arguments.every);
    if (arguments.locality)
        return std::make_unique<Locality>(arguments.every);
    if (arguments.collapse)
        return std::make_unique<Collapser>();
    return std::make_unique<Printer>();
}

// --- From accesses to references ---------------------------------------------------------------------

// What one instruction, or one call, has referred to so far.
struct Unit {
    std::vector<Reference> references;
    size_t live = 0; // from here on, a page that comes again is not counted again

    void add(uint64_t page, char kind, size_t keeps)
    {
        for (size_t i = live; i < references.size(); i++)
            if (references[i].page == page) {
                if (kind == 'w' || (kind == 'x' && references[i].kind == 'r'))
                    references[i].kind = kind;
                return;
            }
        references.push_back({page, kind});
        if (references.size() - live > keeps)
            live++;
    }
};

// A thread in a space, and what it is about.
struct Thread {
    Unit instruction, call;
    std::map<uint64_t, Unit> interrupted; // by a fault, by the instruction's address
    uint64_t last_interrupted = 0;        // which of them it was last
};

class Run {
public:
    Run(const Arguments &how, Taker &to)
        : arguments(how), trace(how.trace.empty() ? Trace() : Trace(how.trace)), taker(to)
    {
        look_up();
    }
    void take(const Event &event);
    void end();

private:
    void access(const Event &event);
    void fetch(const Event &event);
    void enter(const Event &event);
    void leave(uint64_t at);
    void send(Unit &unit);
    void give(Reference reference, uint64_t times);
    void look_up();

    const Arguments &arguments;
    Trace trace;
    Taker &taker;
    std::map<std::pair<uint32_t, uint32_t>, Thread> threads; // by their spaces' numbers, and their own
    uint32_t number = 0; // of the space
    Thread *thread = nullptr;
    bool wanted = false; // the space is of the program that is asked for
    bool again = false; // the next fetch is of an instruction that is begun again
    uint64_t given = 0;
};

// Who runs now: as far as the trace tells.
void Run::look_up()
{
    thread = &threads[{number, trace.thread()}];
    wanted = arguments.program.empty() || trace.program(number) == arguments.program;
}

void Run::give(Reference reference, uint64_t times)
{
    if (reference.page < arguments.low || reference.page >= arguments.high)
        return;
    if (reference.page >= SHARED_FIRST && reference.page < SHARED_END)
        return;
    times = std::min(times, arguments.most - given);
    given += times;
    if (times > 0)
        taker.take(number, reference, times);
}

void Run::send(Unit &unit)
{
    if (wanted)
        for (Reference reference : unit.references)
            give(reference, 1);
    unit.references.clear();
    unit.live = 0;
}

// So many instructions in a row that are fetched from one page, and all but the last touch nothing else.
void Run::fetch(const Event &event)
{
    uint64_t times = event.times;
    if (again) {
        again = false;
        thread->instruction.add(event.page, 'x', ~0ul);
        if (--times == 0)
            return;
    }
    send(thread->instruction);
    if (times > 1 && wanted)
        give({event.page, 'x'}, times - 1);
    thread->instruction.add(event.page, 'x', ~0ul);
}

void Run::access(const Event &event)
{
    if (event.page >= USER_PAGES)
        return;
    char kind = event.access == ACCESS_READ ? 'r' : event.access == ACCESS_WRITE ? 'w' : 'x';
    if (!event.user) {
        thread->call.add(event.page, kind, CALL_KEEPS);
        if (thread->call.references.size() > CALL_MOST)
            send(thread->call);
    } else if (event.access == ACCESS_FETCH) {
        fetch(event);
    } else {
        thread->instruction.add(event.page, kind, ~0ul);
    }
}

// A fault: the instruction may not be past. All else comes between two instructions, or ends one.
void Run::enter(const Event &event)
{
    if (event.detail == (arguments.page_fault & ((1ull << 48) - 1))) {
        thread->interrupted[event.second] = thread->instruction;
        thread->last_interrupted = event.second;
        thread->instruction = Unit();
    } else {
        send(thread->instruction);
    }
}

// User code goes on: with an instruction that was interrupted by a fault, which is begun again; or with another one,
// and then it was that one's fetch that faulted, and the one before was past.
void Run::leave(uint64_t at)
{
    auto found = thread->interrupted.find(at);
    again = found != thread->interrupted.end();
    if (!again)
        found = thread->interrupted.find(thread->last_interrupted);
    if (found != thread->interrupted.end()) {
        thread->instruction = found->second;
        thread->interrupted.erase(found);
    }
    if (!again)
        send(thread->instruction);
    send(thread->call);
}

void Run::take(const Event &event)
{
    switch (event.kind) {
    case RECORD_ACCESS:
        access(event);
        break;
    case RECORD_SPACE:
        number = trace.space(event.detail >> 12);
        look_up();
        break;
    case RECORD_ENTER:
        enter(event);
        break;
    case RECORD_LEAVE:
        leave(event.detail);
        break;
    case RECORD_TRACED:
        trace.follow(event.detail);
        look_up();
        break;
    default:
        break;
    }
}

void Run::end()
{
    for (auto &each : threads) {
        number = each.first.first;
        wanted = arguments.program.empty() || trace.program(number) == arguments.program;
        send(each.second.instruction);
        send(each.second.call);
    }
    taker.end();
}

// --- The command -----------------------------------------------------------------------------------------

Arguments parse(int count, char **words)
{
    Arguments arguments;
    for (int i = 1; i < count; i++) {
        std::string word = words[i];
        auto value = [&]() -> std::string {
            if (i + 1 == count)
                throw std::invalid_argument(word + ": which?");
            return words[++i];
        };
        if (word == "--trace") {
            arguments.trace = value();
        } else if (word == "--program") {
            arguments.program = value();
        } else if (word == "--page-fault") {
            arguments.page_fault = std::stoull(value(), nullptr, 0);
        } else if (word == "--window") {
            std::string both = value();
            arguments.low = std::stoull(both, nullptr, 16) >> 12;
            arguments.high = (std::stoull(both.substr(both.find('-') + 1), nullptr, 16) + 4095) >> 12;
        } else if (word == "--most") {
            arguments.most = std::stoull(value());
        } else if (word == "--every") {
            arguments.every = std::stoull(value());
        } else if (word == "--collapse") {
            arguments.collapse = true;
        } else if (word == "--summary") {
            arguments.summary = true;
        } else if (word == "--locality") {
            arguments.locality = true;
        } else if (word == "--working-set") {
            std::string list = value() + ",";
            for (size_t at = 0, comma; (comma = list.find(',', at)) != std::string::npos; at = comma + 1)
                arguments.windows.push_back(std::stoull(list.substr(at, comma - at)));
        } else {
            throw std::invalid_argument(word + ": there is no such option");
        }
    }
    if ((arguments.locality || !arguments.windows.empty()) && arguments.every == 0)
        throw std::invalid_argument("--every: after how many references?");
    return arguments;
}

} // namespace

int main(int count, char **words)
{
    try {
        Arguments arguments = parse(count, words);
        Stream stream(stdin);
        std::unique_ptr<Taker> to = taker(arguments);
        Run run(arguments, *to);
        for (Event event; stream.next(event);)
            run.take(event);
        run.end();
        return 0;
    } catch (const std::exception &error) {
        std::cerr << "reference-string: " << error.what() << '\n' << usage;
        return 2;
    }
}
