// program.h - the parts of the program around the policies.
#pragma once

#include "model.h"

#include <iosfwd>

// What may be asked for. The most frames that a string of references could tell apart by far.
constexpr uint64_t FRAMES_MOST = 1 << 20, TICK_MOST = 1 << 30, SEED_MOST = UINT32_MAX;

// A word from outside, for a message: its beginning, without what is no letter.
std::string shown(const std::string &word);
// A number at the beginning of a word, and how many letters it has. False: there is none, or it
// does not fit.
bool read_number(const std::string &word, int base, size_t &used, uint64_t &value);
// The word is a number within these bounds; else std::invalid_argument, with what it is about.
uint64_t number_within(const std::string &what, const std::string &word, uint64_t least, uint64_t most);
// There is a policy of that name; else std::invalid_argument.
void policy_check(const std::string &name);

// Reference strings: words (`7`, `1r`, `2w`), files of them, generators, valgrind's lackey.
void add_word(Text &text, const std::string &word);
void add_file(Text &text, const std::string &path);
void add_lackey(Text &text, const std::string &path);
void generate(Text &text, const std::string &name, unsigned pages, unsigned frames,
              unsigned factor, bool warm_up);
bool generate_more(Text &text, const std::string &name, unsigned pages, unsigned frames,
                   unsigned factor); // false: no such name

// Many small cases, for comparison with the kernel's policies.
void run_batch(std::istream &input);

// What is printed.
void print_runs(const std::vector<std::string> &names, const Settings &settings,
                const Text &text, bool victims, bool tsv);
void print_table(const std::vector<std::string> &names, const std::vector<int> &frames,
                 Settings settings, const Text &text, bool tsv);
void print_grid(const std::string &name, const Settings &settings, const Text &text);
void print_stack(const Text &text, const Settings &settings, bool tsv);

// Does the policy have the inclusion property? Tried, printed, and explained.
void print_is_stack(const std::string &name, Settings settings);
