// words.cpp - what may be asked: numbers within their bounds, names that are known.
//
// Words come from a command line or a file, and may be anything. What they say is bounded
// before it is used, so that nothing after it overflows, has no end, or wants memory that no
// machine has.
#include "program.h"

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>

namespace {

constexpr size_t SHOWN = 40;

} // namespace

std::string shown(const std::string &word)
{
    std::string text = "\"";
    for (char c : word.substr(0, SHOWN))
        text += c >= ' ' && c <= '~' ? c : '?';
    return text + (word.size() > SHOWN ? "…\"" : "\"");
}

bool read_number(const std::string &word, int base, size_t &used, uint64_t &value)
{
    if (word.empty() || !isxdigit(static_cast<unsigned char>(word[0])))
        return false; // strtoull would take a sign, or blanks
    char *end;
    errno = 0;
    value = strtoull(word.c_str(), &end, base);
    used = static_cast<size_t>(end - word.c_str());
    return used > 0 && errno == 0;
}

uint64_t number_within(const std::string &what, const std::string &word, uint64_t least, uint64_t most)
{
    size_t used;
    uint64_t value;
    if (!read_number(word, 10, used, value) || used != word.size() || value < least || value > most)
        throw std::invalid_argument(what + ": " + shown(word) + " is no number from " +
                                    std::to_string(least) + " to " + std::to_string(most));
    return value;
}

void policy_check(const std::string &name)
{
    Memory memory({}, 0);
    if (name == "mine")
        throw std::invalid_argument("the simulator does not know your mm/replacement/policy/mine.c: "
                                    "make check-policy and tools/race --policy mine run it");
    if (!policy_new(name, memory, {}))
        throw std::invalid_argument("no policy " + shown(name) + " (--list)");
}
