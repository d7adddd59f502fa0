// main.cpp - the reference simulator: every policy, and Belady's OPT, on a string of references.
#include "program.h"

#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>
#include <sstream>
#include <stdexcept>

static const char *const usage =
    "usage: policysim [options] [REFERENCE…]\n"
    "a reference is a page, which is written, or with r behind it read: 7 0 1r 2w\n"
    "\n"
    "the string, instead of words on the command line:\n"
    "  --file FILE              words or lines, a page and r or w; - is the standard input\n"
    "  --lackey FILE            of valgrind --tool=lackey --trace-mem=yes\n"
    "  --generate NAME N F K    cyclic uniform zipf loop_hot matrix_row matrix_col scan_hot\n"
    "                           transpose: N pages, meant for F frames, N*K references;\n"
    "                           also shift drift stack files two_loops phases zipf_scan zigzag\n"
    "  --warm                   before it, touch all N pages in order, not counted\n"
    "how it is run:\n"
    "  --frames N               (3); with --table a list: 3,4,5\n"
    "  --policy P[,P…]          (all, and opt)\n"
    "  --exact                  the policy is told of every reference\n"
    "  --tick N                 a tick every N faults; 0: none  (frames / 8 + 1)\n"
    "  --seed N                 of the dice of `random` (1)\n"
    "what is printed:\n"
    "  (nothing said)           faults, pages written, ratio to OPT\n"
    "  --victims                that, and the victims in order\n"
    "  --grid                   the textbook's grid: references across, frames down\n"
    "  --stack                  the LRU stack and its distances\n"
    "  --table                  policies by numbers of frames\n"
    "  --is-stack               is the policy a stack algorithm? (needs no string)\n"
    "  --tsv                    for programs\n"
    "  --batch                  cases from the standard input: POLICY FRAMES EXACT TICK REFERENCE…\n"
    "  --list                   the policies\n";

namespace {

struct Arguments {
    Settings settings;
    Text text;
    std::vector<int> frames{3};
    std::vector<std::string> policies = policy_names();
    bool victims = false, grid = false, stack = false, table = false, is_stack = false, tsv = false;
    bool batch = false, warm = false;
    std::vector<std::string> generator;
};

std::vector<std::string> split(const std::string &list)
{
    std::vector<std::string> parts;
    std::istringstream stream(list);
    for (std::string part; std::getline(stream, part, ',');)
        parts.push_back(part);
    return parts;
}

constexpr uint64_t PAGES_MOST = 1 << 22;

void check(const Arguments &arguments)
{
    for (const std::string &name : arguments.policies)
        policy_check(name);
    if (arguments.policies.empty())
        throw std::invalid_argument("--policy: which? (--list)");
    if (arguments.frames.empty())
        throw std::invalid_argument("--frames: how many?");
}

void make_string(Text &text, const std::vector<std::string> &words, bool warm)
{
    auto of = [&words](const char *what, size_t at, uint64_t least, uint64_t most) {
        std::string name = std::string("--generate NAME N F K: ") + what;
        return static_cast<unsigned>(number_within(name, words[at], least, most));
    };
    unsigned pages = of("N", 1, 1, PAGES_MOST), frames = of("F", 2, 0, FRAMES_MOST);
    generate(text, words[0], pages, frames, of("K", 3, 1, REFERENCES_MOST / pages), warm);
}

// Options that take a value; false: it is none of these.
bool read_value(Arguments &to, const std::string &option, const std::vector<std::string> &values)
{
    if (option == "--frames") {
        to.frames.clear();
        for (const std::string &part : split(values[0]))
            to.frames.push_back(static_cast<int>(number_within(option, part, 1, FRAMES_MOST)));
    } else if (option == "--policy") {
        to.policies = split(values[0]);
    } else if (option == "--tick") {
        to.settings.tick = static_cast<int64_t>(number_within(option, values[0], 0, TICK_MOST));
    } else if (option == "--seed") {
        to.settings.seed = static_cast<uint32_t>(number_within(option, values[0], 0, SEED_MOST));
        to.settings.seed += to.settings.seed == 0; // dice that show 0 would show it for ever
    } else if (option == "--file") {
        add_file(to.text, values[0]);
    } else if (option == "--lackey") {
        add_lackey(to.text, values[0]);
    } else if (option == "--generate") {
        to.generator = values;
    } else {
        return false;
    }
    return true;
}

Arguments read(int count, char **words)
{
    Arguments to;
    const std::vector<std::pair<const char *, bool *>> flags = {
        {"--exact", &to.settings.exact}, {"--victims", &to.victims},   {"--grid", &to.grid},
        {"--stack", &to.stack},          {"--table", &to.table},       {"--is-stack", &to.is_stack},
        {"--tsv", &to.tsv},              {"--batch", &to.batch},       {"--warm", &to.warm}};
    const std::vector<std::string> one = {"--frames", "--policy", "--tick",
                                          "--seed",   "--file",   "--lackey"};
    for (int i = 1; i < count; i++) {
        std::string word = words[i];
        bool known = false;
        for (const auto &[name, flag] : flags)
            if (word == name)
                known = *flag = true;
        int values = word == "--generate" ? 4 : 0;
        for (const std::string &name : one)
            values = word == name ? 1 : values;
        if (i + values >= count)
            throw std::invalid_argument(word + " needs more words");
        if (values)
            known = read_value(to, word, {words + i + 1, words + i + 1 + values});
        i += values;
        if (!known && word[0] == '-')
            throw std::invalid_argument("no option " + shown(word) + " (--help)");
        if (!known)
            add_word(to.text, word);
    }
    check(to);
    if (!to.generator.empty())
        make_string(to.text, to.generator, to.warm);
    to.settings.frames = to.frames[0];
    return to;
}

void run(const Arguments &arguments)
{
    if (arguments.batch) {
        run_batch(std::cin);
        return;
    }
    if (arguments.is_stack) {
        for (const std::string &name : arguments.policies)
            print_is_stack(name, arguments.settings);
        return;
    }
    if (arguments.text.references.empty())
        throw std::invalid_argument("no references; policysim --help");
    if (arguments.stack)
        print_stack(arguments.text, arguments.settings, arguments.tsv);
    else if (arguments.grid)
        for (const std::string &name : arguments.policies)
            print_grid(name, arguments.settings, arguments.text);
    else if (arguments.table)
        print_table(arguments.policies, arguments.frames, arguments.settings, arguments.text,
                    arguments.tsv);
    else
        print_runs(arguments.policies, arguments.settings, arguments.text, arguments.victims,
                   arguments.tsv);
}

} // namespace

int main(int count, char **words)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (strcmp(words[i], "--list") == 0) {
            for (const std::string &name : policy_names())
                puts(name.c_str());
            return 0;
        }
    }
    try {
        run(read(count, words));
    } catch (const std::bad_alloc &) {
        fputs("policysim: not enough memory here for a string so long\n", stderr);
        return 2;
    } catch (const std::exception &problem) {
        fprintf(stderr, "policysim: %s\n", problem.what());
        return 2;
    }
    return 0;
}
