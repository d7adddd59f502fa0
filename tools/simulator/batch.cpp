// batch.cpp - many small cases, one a line, for comparison with the kernel's policies:
//
//     POLICY FRAMES EXACT TICK REFERENCE…
//
// and for each, one line: the victims in order, faults, writes.
#include "program.h"

#include <iostream>
#include <sstream>

void run_batch(std::istream &input)
{
    std::string line;
    while (std::getline(input, line)) {
        std::istringstream words(line);
        std::string name, word;
        Settings settings;
        Text text;
        words >> name >> settings.frames >> settings.exact >> settings.tick;
        while (words >> word)
            add_word(text, word);
        Outcome outcome = simulate(name, settings, text);
        for (int page : outcome.victims)
            std::cout << ' ' << text.names[page];
        std::cout << " faults " << outcome.faults << " writes " << outcome.writes << '\n';
    }
}
