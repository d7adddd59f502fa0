// stream.cpp - records, one by one.
#include "stream.h"

#include <map>
#include <sstream>
#include <stdexcept>

namespace {

constexpr uint64_t PAGE_MASK = (1ull << PAGE_NUMBER_BITS) - 1;
constexpr uint64_t DETAIL_MASK = (1ull << KIND_SHIFT) - 1;

} // namespace

bool Stream::word(uint64_t &word)
{
    if (used == count) {
        count = std::fread(words.data(), sizeof(uint64_t), words.size(), file);
        used = 0;
        if (count == 0)
            return false;
    }
    word = words[used++];
    total++;
    return true;
}

bool Stream::next(Event &event)
{
    uint64_t first;
    if (end || !word(first))
        return false;
    event = Event();
    event.kind = static_cast<unsigned>(first >> KIND_SHIFT);
    event.detail = first & DETAIL_MASK;
    for (unsigned more = event.kind >> (MORE_SHIFT - KIND_SHIFT); more > 0; more--) {
        uint64_t further;
        if (!word(further))
            return false;
        if (event.second == 0)
            event.second = further;
    }
    event.page = event.detail & PAGE_MASK;
    if (event.kind == RECORD_ACCESS) {
        event.access = static_cast<enum access>(event.detail >> ACCESS_SHIFT & 3);
        event.user = event.detail >> USER_SHIFT & 1;
        event.times = event.detail >> TIMES_SHIFT;
    }
    if (event.kind == RECORD_TRANSLATION)
        event.rights = static_cast<unsigned>(event.detail >> RIGHTS_SHIFT);
    if (event.kind == RECORD_END) {
        if (event.detail + 1 != total)
            throw std::runtime_error("the stream of accesses has lost something");
        end = true;
    }
    return true;
}

void Lines::take(std::istream &rest, const std::string &what, Event &event)
{
    static const std::map<std::string, enum access> letters = {
        {"r", ACCESS_READ}, {"w", ACCESS_WRITE}, {"x", ACCESS_FETCH}};
    static const std::map<std::string, unsigned> rights = {
        {"large", RIGHT_LARGE}, {"huge", RIGHT_HUGE}, {"global", RIGHT_GLOBAL}};
    bool kernel = what.size() == 2 && what[0] == 'k';
    auto letter = letters.find(kernel ? what.substr(1) : what);
    std::string number;
    auto read_page = [&] {
        if (!(rest >> number))
            throw std::runtime_error("line " + std::to_string(line) + ": " + what + " of which page?");
        event.page = event.detail = std::stoull(number, nullptr, 0);
    };
    if (letter != letters.end()) {
        read_page();
        event.kind = RECORD_ACCESS;
        event.access = letter->second;
        event.user = !kernel;
        event.times = 1;
    } else if (what == "space") {
        read_page();
        event.kind = RECORD_SPACE;
        event.detail <<= 12;
    } else if (what == "page") {
        read_page();
        event.kind = RECORD_TRANSLATION;
        event.second = event.page;
        event.rights = RIGHT_PRESENT | RIGHT_WRITE | RIGHT_USER | RIGHT_EXECUTE;
        for (std::string right; rest >> right;)
            event.rights |= rights.count(right) ? rights.at(right) : 0;
    } else if (what == "flush") {
        read_page();
        event.kind = RECORD_FLUSH_PAGE;
    } else if (what == "flush-space" || what == "flush-all") {
        event.kind = what == "flush-all" ? RECORD_FLUSH_ALL : RECORD_FLUSH_SPACE;
    } else {
        throw std::runtime_error("line " + std::to_string(line) + ": there is no " + what);
    }
}

bool Lines::next(Event &event)
{
    for (std::string text, what; std::getline(stream, text);) {
        line++;
        std::istringstream words(text.substr(0, text.find('#')));
        if (!(words >> what))
            continue;
        event = Event();
        take(words, what, event);
        return true;
    }
    return false;
}
