// report.cpp - what is printed: runs, tables, the textbook's grid, the LRU stack.
#include "lists.h"
#include "program.h"

#include <cstdio>
#include <map>
#include <stdexcept>

void print_runs(const std::vector<std::string> &names, const Settings &settings,
                const Text &text, bool victims, bool tsv)
{
    uint64_t best = simulate("opt", settings, text).faults;
    if (tsv)
        printf("policy\tframes\treferences\tfaults\twrites\topt\tratio\n");
    else
        printf("%zu references to %zu pages, %d frames\n%-10s %8s %8s %8s\n",
               text.references.size() - text.warm, text.names.size(), settings.frames, "policy",
               "faults", "writes", "/ OPT");
    for (const std::string &name : names) {
        Outcome outcome = simulate(name, settings, text);
        double ratio = best ? static_cast<double>(outcome.faults) / static_cast<double>(best) : 1;
        if (tsv)
            printf("%s\t%d\t%zu\t%lu\t%lu\t%lu\t%.3f\n", name.c_str(), settings.frames,
                   text.references.size() - text.warm, outcome.faults, outcome.writes, best, ratio);
        else
            printf("%-10s %8lu %8lu %8.2f\n", name.c_str(), outcome.faults, outcome.writes, ratio);
        if (victims) {
            printf("victims%s%s", tsv ? "\t" : " ", tsv ? name.c_str() : "");
            for (size_t i = 0; i < outcome.victims.size(); i++)
                printf("%s%lu", tsv && i == 0 ? "\t" : " ", text.names[outcome.victims[i]]);
            printf("\n");
        }
    }
}

void print_table(const std::vector<std::string> &names, const std::vector<int> &frames,
                 Settings settings, const Text &text, bool tsv)
{
    printf(tsv ? "policy" : "%-10s", "policy");
    for (int count : frames)
        printf(tsv ? "\t%d\t%d_ratio" : " %14d", count, count);
    printf("\n");
    std::map<int, uint64_t> best;
    for (int count : frames) {
        settings.frames = count;
        best[count] = simulate("opt", settings, text).faults;
    }
    for (const std::string &name : names) {
        printf(tsv ? "%s" : "%-10s", name.c_str());
        for (int count : frames) {
            settings.frames = count;
            uint64_t faults = simulate(name, settings, text).faults;
            double ratio = best[count] ? static_cast<double>(faults) / static_cast<double>(best[count]) : 1;
            printf(tsv ? "\t%lu\t%.3f" : " %8lu %5.2f", faults, ratio);
        }
        printf("\n");
    }
}

namespace {

constexpr size_t WIDTH = 80;
constexpr size_t CELLS_MOST = 1 << 20; // of a grid

// Rows of cells, wrapped to 80 columns; `heads` are the rows' names.
void print_rows(const std::vector<std::string> &heads,
                const std::vector<std::vector<std::string>> &rows)
{
    size_t head = 0, cell = 1;
    for (const std::string &name : heads)
        head = std::max(head, name.size());
    for (const auto &row : rows)
        for (const std::string &text : row)
            cell = std::max(cell, text.size());
    size_t columns = std::max<size_t>(1, (WIDTH - head) / (cell + 1));
    for (size_t from = 0; from < rows[0].size(); from += columns) {
        if (from > 0)
            printf("\n");
        for (size_t i = 0; i < rows.size(); i++) {
            std::string line = heads[i] + std::string(head - heads[i].size(), ' ');
            for (size_t k = from; k < std::min(from + columns, rows[i].size()); k++)
                line += std::string(cell + 1 - rows[i][k].size(), ' ') + rows[i][k];
            line.erase(line.find_last_not_of(' ') + 1);
            printf("%s\n", line.c_str());
        }
    }
}

} // namespace

void print_grid(const std::string &name, const Settings &given, const Text &text)
{
    if (text.references.size() * (static_cast<size_t>(given.frames) + 2) > CELLS_MOST)
        throw std::invalid_argument("--grid: at most " + std::to_string(CELLS_MOST) +
                                    " cells, references times frames: print fewer");
    Settings settings = given;
    settings.exact |= policy_wants_exact(name);
    Memory memory(settings, text.names.size());
    std::unique_ptr<Policy> policy = policy_new(name, memory, text);
    size_t count = static_cast<size_t>(settings.frames);
    std::vector<std::string> heads{"reference"};
    for (size_t i = 0; i < count; i++)
        heads.push_back("frame " + std::to_string(i));
    heads.push_back("fault");
    std::vector<std::vector<std::string>> rows(count + 2);
    for (const Reference &reference : text.references) {
        memory.reference(reference, *policy);
        rows[0].push_back(std::to_string(text.names[reference.page]));
        for (size_t i = 0; i < count; i++) {
            bool used = i < memory.frame.size();
            rows[i + 1].push_back(used ? std::to_string(text.names[memory.frame[i]]) : "");
        }
        rows[count + 1].push_back(memory.faulted ? "*" : "");
    }
    printf("%s, %d frames\n\n", name.c_str(), settings.frames);
    print_rows(heads, rows);
    printf("\nfaults %lu\n", memory.faults);
}

// The LRU stack after each reference, if it is a short string, and how deep each was found:
// with N frames, LRU faults on all found deeper than N.
void print_stack(const Text &text, const Settings &settings, bool tsv)
{
    List stack;
    std::map<size_t, uint64_t> depths;
    uint64_t first = 0;
    bool drawn = !tsv && text.references.size() <= 500 && text.names.size() <= 40;
    std::vector<std::string> heads{"reference"};
    for (size_t i = 0; drawn && i < text.names.size(); i++)
        heads.push_back(std::to_string(i + 1));
    heads.push_back("depth");
    std::vector<std::vector<std::string>> rows(heads.size());
    for (size_t i = 0; i < text.references.size(); i++) {
        int page = text.references[i].page;
        auto place = std::find(stack.begin(), stack.end(), page);
        size_t depth = place == stack.end() ? 0 : static_cast<size_t>(place - stack.begin()) + 1;
        if (depth)
            stack.erase(place);
        stack.insert(stack.begin(), page);
        if (i >= text.warm) {
            first += depth == 0;
            depths[depth] += depth != 0;
        }
        if (!drawn)
            continue;
        rows[0].push_back(std::to_string(text.names[page]));
        for (size_t k = 0; k < text.names.size(); k++)
            rows[k + 1].push_back(k < stack.size() ? std::to_string(text.names[stack[k]]) : "");
        rows.back().push_back(depth ? std::to_string(depth) : "-");
    }
    if (drawn) {
        printf("The LRU stack: the page used last on top; with %d frames the upper %d are there.\n\n",
               settings.frames, settings.frames);
        print_rows(heads, rows);
        printf("\n");
    }
    printf(tsv ? "depth\treferences\tlru_faults\n" : "%8s %12s %12s\n", "depth", "references",
           "LRU faults");
    uint64_t faults = text.references.size() - text.warm;
    printf(tsv ? "first\t%lu\t\n" : "   first %12lu\n", first);
    for (const auto &[depth, count] : depths) {
        faults -= count;
        if (depth)
            printf(tsv ? "%zu\t%lu\t%lu\n" : "%8zu %12lu %12lu\n", depth, count, faults);
    }
}
