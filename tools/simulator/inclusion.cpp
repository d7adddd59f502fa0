// inclusion.cpp - is a policy a stack algorithm? By experiment.
//
// Mattson, Gecsei, Slutz, Traiger (1970): a stack algorithm is one for which what N frames
// hold is, at every moment and for every string, part of what N + 1 frames would hold (the
// inclusion property). Then a page that is found with N frames is found with N + 1, faults
// cannot become more with more frames, and Belady's anomaly cannot happen. All short strings
// are tried, then random longer ones; one string that breaks the rule decides the question.
#include "program.h"

#include <cstdio>
#include <random>

namespace {

Text text_of(const std::vector<int> &pages)
{
    Text text;
    for (int page : pages)
        text.add(static_cast<uint64_t>(page) + 1, false);
    return text;
}

struct Held {
    std::vector<std::vector<bool>> resident; // after each reference, by page
    uint64_t faults;
};

Held hold(const std::string &name, Settings settings, const Text &text)
{
    Memory memory(settings, text.names.size());
    std::unique_ptr<Policy> policy = policy_new(name, memory, text);
    Held held;
    for (const Reference &reference : text.references) {
        memory.reference(reference, *policy);
        std::vector<bool> now;
        for (const Page &page : memory.pages)
            now.push_back(page.resident);
        held.resident.push_back(now);
    }
    held.faults = memory.faults;
    return held;
}

struct Search {
    std::string name;
    Settings settings;
    uint64_t tried = 0;
    bool broken = false, anomaly = false;

    // Compare N and N + 1 frames on one string; print the first that breaks a rule.
    void look(const std::vector<int> &pages, int frames)
    {
        Text text = text_of(pages);
        Settings more = settings;
        settings.frames = frames;
        more.frames = frames + 1;
        Held few = hold(name, settings, text), many = hold(name, more, text);
        tried++;
        for (size_t i = 0; !broken && i < pages.size(); i++)
            for (size_t page = 0; !broken && page < text.names.size(); page++)
                if (few.resident[i][page] && !many.resident[i][page])
                    report(text, few, many, frames, i);
        if (!anomaly && many.faults > few.faults) {
            anomaly = true;
            printf("Belady's anomaly: ");
            print(text, text.references.size());
            printf(": %lu faults with %d frames, %lu with %d\n", few.faults, frames, many.faults,
                   frames + 1);
        }
    }

    static void print(const Text &text, size_t count)
    {
        for (size_t i = 0; i < count; i++)
            printf("%s%lu", i ? " " : "", text.names[text.references[i].page]);
    }

    static void print_set(const Text &text, const std::vector<bool> &set)
    {
        const char *between = "{";
        for (size_t page = 0; page < set.size(); page++)
            if (set[page]) {
                printf("%s%lu", between, text.names[page]);
                between = " ";
            }
        printf("}");
    }

    void report(const Text &text, const Held &few, const Held &many, int frames, size_t at)
    {
        broken = true;
        printf("%s is not a stack algorithm: after ", name.c_str());
        print(text, at + 1);
        printf("\n  %d frames hold ", frames);
        print_set(text, few.resident[at]);
        printf(", %d frames hold ", frames + 1);
        print_set(text, many.resident[at]);
        printf("\nThe smaller memory holds a page that the larger one has lost: its next use is a "
               "fault\nonly with more frames. So Belady's anomaly can happen.\n");
    }

    // All strings of this length, up to the names of the pages: a new page has the next number.
    void all(std::vector<int> &pages, size_t length, int used)
    {
        if (broken && anomaly)
            return;
        if (pages.size() == length) {
            for (int frames = 1; frames + 1 < used; frames++)
                look(pages, frames);
            return;
        }
        for (int page = 0; page <= used; page++) {
            if (!pages.empty() && pages.back() == page)
                continue;
            pages.push_back(page);
            all(pages, length, std::max(used, page + 1));
            pages.pop_back();
        }
    }
};

constexpr size_t SHORT = 9;
constexpr int RANDOM_STRINGS = 20000;

} // namespace

void print_is_stack(const std::string &name, Settings settings)
{
    settings.exact |= policy_wants_exact(name);
    Search search{name, settings};
    std::vector<int> pages;
    for (size_t length = 3; length <= SHORT; length++)
        search.all(pages, length, 0);
    std::mt19937 dice(settings.seed);
    for (int i = 0; i < RANDOM_STRINGS && !(search.broken && search.anomaly); i++) {
        int frames = 1 + static_cast<int>(dice() % 6), names = frames + 2 + static_cast<int>(dice() % 4);
        pages.assign(10 + dice() % 30, 0);
        for (int &page : pages)
            page = static_cast<int>(dice() % static_cast<unsigned>(names));
        search.look(pages, frames);
    }
    if (!search.broken)
        printf("%s: no counter-example in %lu pairs of runs, among them all strings of up to %zu\n"
               "references: it behaves as a stack algorithm. What N frames hold, N + 1 hold too, so "
               "more\nframes never fault more: Belady's anomaly cannot happen.\n",
               name.c_str(), search.tried, SHORT);
    else if (!search.anomaly)
        printf("(None of %lu pairs of runs showed it, though: the anomaly is rare.)\n", search.tried);
}
