// batch.cpp - many small cases, one a line, for comparison with the kernel's policies:
//
//     POLICY FRAMES EXACT TICK REFERENCE…
//
// and for each, one line: the victims in order, faults, writes.
#include "program.h"

#include <iostream>
#include <sstream>
#include <stdexcept>

namespace {

Outcome run_case(const std::string &line, Text &text)
{
    std::istringstream words(line);
    std::string name, frames, exact, tick, word;
    Settings settings;
    words >> name >> frames >> exact >> tick;
    policy_check(name);
    settings.frames = static_cast<int>(number_within("FRAMES", frames, 1, FRAMES_MOST));
    settings.exact = number_within("EXACT", exact, 0, 1);
    settings.tick = static_cast<int64_t>(number_within("TICK", tick, 0, TICK_MOST));
    while (words >> word)
        add_word(text, word);
    return simulate(name, settings, text);
}

} // namespace

void run_batch(std::istream &input)
{
    std::string line;
    for (size_t n = 1; std::getline(input, line); n++) {
        Text text;
        Outcome outcome;
        try {
            outcome = run_case(line, text);
        } catch (const std::invalid_argument &problem) {
            throw std::invalid_argument("line " + std::to_string(n) + ": " + problem.what());
        }
        for (int page : outcome.victims)
            std::cout << ' ' << text.names[page];
        std::cout << " faults " << outcome.faults << " writes " << outcome.writes << '\n';
    }
}
