// tlb_main.cpp - build/tlb-model: accesses in, what became of them out, as JSON.
//
// Any number of models see the same accesses. Besides all accesses together, they are counted by page of
// each space (whoever asks knows which program and which region that was) and by slices of the run.
#include "model.h"
#include "moments.h"
#include "trace.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>

namespace {

constexpr unsigned KERNEL_HALF = 1u << (PAGE_NUMBER_BITS - 1 - 20); // of a page, shifted by 20
constexpr size_t NEAR = 1 << 12;

const char *const usage =
    "usage: tlb-model [--text] [--trace FILE] [--slice N] [--most N] [--changes FILE] [--moments FILE] [MODEL…]\n"
    "the stream of accesses is the standard input (tools/accessing/records.h); --text: lines\n"
    "MODEL: name=…,l1i=64:8,l1d=64:4,l2=1536:12,asids=0,page=4K,replacement=lru\n";

struct Arguments {
    bool text = false, each = false;
    std::string trace, changes, moments;
    uint64_t slice = 100000, most = ~0ull;
    std::vector<Setting> settings;
};

// A page of a space, and what became of accesses to it.
struct Page {
    uint32_t space = 0;
    uint64_t page = 0, accesses = 0, of_kernel = 0, last_slice = ~0ull;
    uint64_t frame = 0;
    unsigned rights = 0;
    std::vector<uint64_t> missed, walked; // of each model: in the first level; in all
};

struct Slice {
    uint64_t accesses = 0, of_user = 0, pages = 0;
    std::vector<uint64_t> missed, walked;
};

class Run {
public:
    explicit Run(const Arguments &how);
    void take(const Event &event);
    void end();
    void print(std::ostream &out) const;
    uint64_t accesses = 0;

private:
    Page &page_of(uint64_t page);
    void access(const Event &event);
    void translation(const Event &event);
    void slice_begin();
    void begin();
    void happened(const char *what, unsigned level, size_t place, const Entry &entry);
    void drop(Moments::Cause cause, const std::function<void(Model &)> &what);

    const Arguments &arguments;
    std::vector<Model> models;
    std::unique_ptr<Trace> trace;
    std::ofstream changes;
    std::unique_ptr<Moments> moments;
    std::unordered_map<uint64_t, std::unique_ptr<Page>> pages;
    std::vector<Page *> near;
    std::vector<Slice> slices;
    uint64_t traced = 0;
    uint32_t space = 0;
    uint64_t by_access[4][2] = {};
    uint64_t switches = 0, reloads = 0, page_flushes = 0, blind_flushes = 0, all_flushes = 0, entered = 0;
    bool loaded = false, begun = false;
};

Run::Run(const Arguments &how)
    : arguments(how), models(how.settings.begin(), how.settings.end()),
      trace(how.trace.empty() ? new Trace() : new Trace(how.trace)), near(NEAR, nullptr)
{
    if (!how.changes.empty()) {
        changes.open(how.changes);
        changes << "traced,what,level,place,space,page,bits\n";
    }
    if (!how.moments.empty())
        moments = std::make_unique<Moments>(how.moments, models.front().setting);
    if (changes.is_open() || moments)
        models.front().watch([this](const char *what, unsigned level, size_t place, const Entry &entry) {
            happened(what, level, place, entry);
        });
}

// To an entry of the first model.
void Run::happened(const char *what, unsigned level, size_t place, const Entry &entry)
{
    if (changes.is_open())
        changes << traced << ',' << what << ',' << level << ',' << place << ',' << entry.space << ',' << entry.page
                << ',' << entry.bits << '\n';
    if (moments)
        moments->place(level, place, *what == 'f' ? entry : Entry());
}

// All models let go of entries.
void Run::drop(Moments::Cause cause, const std::function<void(Model &)> &what)
{
    uint64_t before = models.front().gone();
    for (Model &model : models)
        what(model);
    if (moments)
        moments->dropped(cause, models.front().gone() - before);
}

bool in_kernel_half(uint64_t page)
{
    return page >> 20 >= KERNEL_HALF;
}

// Pages of the kernel's half are nobody's, or everybody's.
Page &Run::page_of(uint64_t page)
{
    uint32_t owner = in_kernel_half(page) ? 0 : space;
    Page *&known = near[(page ^ owner * 0x9e37u) % NEAR];
    if (known && known->page == page && known->space == owner)
        return *known;
    std::unique_ptr<Page> &found = pages[static_cast<uint64_t>(owner) << PAGE_NUMBER_BITS | page];
    if (!found) {
        found = std::make_unique<Page>();
        found->space = owner;
        found->page = page;
        found->missed.resize(models.size());
        found->walked.resize(models.size());
    }
    known = found.get();
    return *known;
}

void Run::slice_begin()
{
    slices.emplace_back();
    slices.back().missed.resize(models.size());
    slices.back().walked.resize(models.size());
}

// User code runs for the first time: what was before filled the TLB, and is not counted.
void Run::begin()
{
    begun = true;
    if (moments)
        moments->begin();
    for (Model &model : models) {
        model.user = model.kernel = Counts();
        model.flushed = model.refreshed = model.recycled = 0;
    }
    for (auto &page : pages) {
        page.second->accesses = page.second->of_kernel = 0;
        page.second->missed.assign(models.size(), 0);
        page.second->walked.assign(models.size(), 0);
    }
    for (auto &counts : by_access)
        counts[0] = counts[1] = 0;
    slices.clear();
    accesses = switches = reloads = page_flushes = blind_flushes = all_flushes = entered = 0;
}

void Run::access(const Event &event)
{
    if (event.user && !begun)
        begin();
    Page &page = page_of(event.page);
    if (slices.empty() || slices.back().accesses >= arguments.slice)
        slice_begin();
    Slice &slice = slices.back();
    accesses += event.times;
    by_access[event.access][event.user] += event.times;
    slice.accesses += event.times;
    slice.of_user += event.user ? event.times : 0;
    page.accesses += event.times;
    page.of_kernel += event.user ? 0 : event.times;
    if (page.last_slice != slices.size()) {
        page.last_slice = slices.size();
        slice.pages += !in_kernel_half(event.page);
    }
    bool fetch = event.access == ACCESS_FETCH || event.access == ACCESS_FETCH_MORE;
    for (size_t i = 0; i < models.size(); i++) {
        Model &model = models[i];
        Counts &counts = event.user ? model.user : model.kernel;
        Model::Found found = model.access(event.page, fetch, page.space, page.rights, page.frame);
        if (moments && i == 0)
            moments->accessed(page.space, event.times, found);
        counts.accesses += event.times;
        counts.first += event.times - (found != Model::Found::FIRST);
        counts.common += found == Model::Found::COMMON;
        if (found == Model::Found::WALKED) {
            counts.walks++;
            counts.steps += model.steps(page.rights);
            page.walked[i]++;
            slice.walked[i]++;
        }
        if (found != Model::Found::FIRST) {
            page.missed[i]++;
            slice.missed[i]++;
        }
        if (arguments.each)
            std::cout << (found == Model::Found::FIRST ? "first" : found == Model::Found::COMMON ? "common" : "walk")
                      << (i + 1 < models.size() ? ' ' : '\n');
    }
}

// What the tables say now; if it was otherwise, no TLB may keep it.
void Run::translation(const Event &event)
{
    Page &page = page_of(event.page);
    if (page.rights != 0 && (page.rights != event.rights || page.frame != event.second))
        drop(Moments::CHANGED, [&](Model &model) { model.changed(event.page); });
    page.rights = event.rights;
    page.frame = event.second;
}

void Run::take(const Event &event)
{
    switch (event.kind) {
    case RECORD_ACCESS:
        access(event);
        break;
    case RECORD_TRANSLATION:
        translation(event);
        break;
    case RECORD_SPACE: {
        uint32_t now = trace->space(event.detail >> PAGE_BITS);
        bool again = now == space && loaded;
        (again ? reloads : switches)++;
        space = now;
        loaded = true;
        drop(again ? Moments::RELOAD : Moments::SWITCH, [&](Model &model) { model.load(space); });
        break;
    }
    case RECORD_FLUSH_PAGE:
        page_flushes++;
        drop(Moments::PAGE, [&](Model &model) { model.flush_page(event.page); });
        break;
    case RECORD_FLUSH_SPACE:
        blind_flushes++;
        drop(Moments::SPACE, [](Model &model) { model.flush_space(); });
        break;
    case RECORD_FLUSH_ALL:
        all_flushes++;
        drop(Moments::ALL, [](Model &model) { model.flush_all(); });
        break;
    case RECORD_ENTER:
        entered++;
        break;
    case RECORD_TRACED:
        traced = event.detail;
        trace->follow(traced);
        if (moments)
            moments->moment(traced);
        break;
    default:
        break;
    }
}

void Run::end()
{
    if (moments)
        moments->end();
}

void print_list(std::ostream &out, const std::vector<uint64_t> &numbers)
{
    out << '[';
    for (size_t i = 0; i < numbers.size(); i++)
        out << (i ? "," : "") << numbers[i];
    out << ']';
}

void print_counts(std::ostream &out, const char *name, const Counts &counts)
{
    out << '"' << name << "\":{\"accesses\":" << counts.accesses << ",\"first\":" << counts.first << ",\"common\":"
        << counts.common << ",\"walks\":" << counts.walks << ",\"steps\":" << counts.steps << '}';
}

void Run::print(std::ostream &out) const
{
    static const char *const names[] = {"reads", "writes", "fetches", "fetches_of_a_second_page"};
    out << "{\"accesses\":{";
    for (int user = 1; user >= 0; user--) {
        out << (user ? "\"user\":{" : ",\"kernel\":{");
        for (int i = 0; i < 4; i++)
            out << (i ? ",\"" : "\"") << names[i] << "\":" << by_access[i][user];
        out << '}';
    }
    out << "},\n\"switches\":" << switches << ",\"reloads\":" << reloads << ",\"page_flushes\":" << page_flushes
        << ",\"blind_flushes\":" << blind_flushes << ",\"all_flushes\":" << all_flushes << ",\"entered\":" << entered
        << ",\n\"models\":[";
    for (size_t i = 0; i < models.size(); i++) {
        const Model &model = models[i];
        out << (i ? ",\n" : "\n") << "{\"name\":\"" << model.setting.name << "\",\"flushed\":" << model.flushed
            << ",\"refreshed\":" << model.refreshed << ",\"recycled\":" << model.recycled << ',';
        print_counts(out, "user", model.user);
        out << ',';
        print_counts(out, "kernel", model.kernel);
        out << '}';
    }
    out << "],\n\"pages\":[";
    std::vector<const Page *> sorted;
    for (const auto &page : pages)
        if (page.second->accesses)
            sorted.push_back(page.second.get());
    std::sort(sorted.begin(), sorted.end(), [](const Page *a, const Page *b) {
        return a->space != b->space ? a->space < b->space : a->page < b->page;
    });
    for (size_t i = 0; i < sorted.size(); i++) {
        const Page &page = *sorted[i];
        out << (i ? ",\n[" : "\n[") << page.space << ',' << page.page << ',' << page.accesses << ',' << page.of_kernel
            << ',' << page.rights << ',';
        print_list(out, page.missed);
        out << ',';
        print_list(out, page.walked);
        out << ']';
    }
    out << "],\n\"slices\":[";
    for (size_t i = 0; i < slices.size(); i++) {
        const Slice &slice = slices[i];
        out << (i ? ",\n[" : "\n[") << slice.accesses << ',' << slice.of_user << ',' << slice.pages << ',';
        print_list(out, slice.missed);
        out << ',';
        print_list(out, slice.walked);
        out << ']';
    }
    out << "]}\n";
}

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
        if (word == "--text")
            arguments.text = true;
        else if (word == "--each")
            arguments.each = true;
        else if (word == "--trace")
            arguments.trace = value();
        else if (word == "--slice")
            arguments.slice = std::stoull(value());
        else if (word == "--most")
            arguments.most = std::stoull(value());
        else if (word == "--changes")
            arguments.changes = value();
        else if (word == "--moments")
            arguments.moments = value();
        else if (word.find('=') != std::string::npos)
            arguments.settings.push_back(setting_read(word));
        else
            throw std::invalid_argument(word + ": there is no such option");
    }
    if (arguments.settings.empty())
        arguments.settings.emplace_back();
    return arguments;
}

} // namespace

int main(int count, char **words)
{
    try {
        Arguments arguments = parse(count, words);
        std::unique_ptr<Source> source;
        if (arguments.text)
            source = std::make_unique<Lines>(std::cin);
        else
            source = std::make_unique<Stream>(stdin);
        Run run(arguments);
        for (Event event; source->next(event);)
            if (run.accesses < arguments.most)
                run.take(event);
        run.end();
        if (!arguments.each)
            run.print(std::cout);
        return 0;
    } catch (const std::exception &error) {
        std::cerr << "tlb-model: " << error.what() << '\n' << usage;
        return 2;
    }
}
