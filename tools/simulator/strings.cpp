// strings.cpp - where strings of references come from.
#include "program.h"

#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

void add_word(Text &text, const std::string &word)
{
    size_t digits = 0;
    uint64_t name = 0;
    bool number = read_number(word, 0, digits, name);
    std::string rest = number ? word.substr(digits) : word;
    if (!number || (rest != "" && rest != "r" && rest != "w"))
        throw std::invalid_argument("not a reference: " + shown(word) +
                                    " (a page, below 2^64, with r or w: 7, 1r, 2w)");
    text.add(name, rest != "r");
}

// Words as above, by blanks or lines; `r`, `w` or `x` may stand alone behind a page, as exact
// mode records it. # begins a comment.
void add_file(Text &text, const std::string &path)
{
    std::ifstream file;
    if (path != "-") {
        file.open(path);
        if (!file)
            throw std::invalid_argument("cannot read " + shown(path));
    }
    std::istream &input = path == "-" ? std::cin : file;
    std::string word;
    while (input >> word) {
        if (word[0] == '#')
            std::getline(input, word);
        else if ((word == "r" || word == "w" || word == "x") && !text.references.empty())
            text.references.back().write = word == "w";
        else
            add_word(text, word);
    }
    if (input.bad())
        throw std::invalid_argument("cannot read " + shown(path));
}

namespace {

constexpr uint64_t ACCESS_MOST = 4096; // bytes that one instruction touches

// A line of lackey's that tells an access; false: another line.
bool read_access(const std::string &line, char &kind, uint64_t &address, uint64_t &size)
{
    size_t at = line.find_first_not_of(' '), used;
    if (at == std::string::npos || at + 1 >= line.size() || !strchr("ILSM", line[at]))
        return false;
    kind = line[at];
    at = line.find_first_not_of(' ', at + 1);
    if (at == std::string::npos || !read_number(line.substr(at), 16, used, address))
        return false;
    at += used;
    return at < line.size() && line[at] == ',' && read_number(line.substr(at + 1), 10, used, size);
}

} // namespace

// valgrind --tool=lackey --trace-mem=yes: ` L 1ffe,8`, ` S …`, ` M …` (load and store),
// `I  04016b,3` an instruction. An access may touch two pages. What repeats the page just
// touched is left out: no policy could tell.
void add_lackey(Text &text, const std::string &path)
{
    std::ifstream file(path);
    if (!file)
        throw std::invalid_argument("cannot read " + shown(path));
    std::string line;
    uint64_t last = UINT64_MAX;
    for (size_t n = 1; std::getline(file, line); n++) {
        uint64_t address, size;
        char kind;
        if (!read_access(line, kind, address, size))
            continue;
        if (size == 0 || size > ACCESS_MOST || address > UINT64_MAX - size)
            throw std::invalid_argument("line " + std::to_string(n) + " of " + shown(path) +
                                        ": no instruction makes such an access: " + shown(line));
        bool write = kind == 'S' || kind == 'M';
        for (uint64_t page = address >> 12; page <= (address + size - 1) >> 12; page++) {
            if (page != last)
                text.add(page, write);
            else
                text.references.back().write |= write;
            last = page;
        }
    }
}

namespace {

// The strings of the benchmark (shared with its programs number for number).
class Generator {
public:
    Generator(unsigned page_count, unsigned frame_count) : N(page_count), F(frame_count) {}

    unsigned below(unsigned n)
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        uint64_t top = static_cast<uint32_t>((state * 2685821657736338717ull) >> 32);
        return static_cast<unsigned>((top * n) >> 32);
    }

    void zipf_begin()
    {
        uint64_t total = 0, sum = 0;
        for (unsigned rank = 0; rank < N; rank++)
            total += (uint64_t{1} << 32) / (rank + 1);
        for (unsigned rank = 0; rank < N; rank++) {
            while (guide.size() < 4096 && sum >= total / 4096 * guide.size())
                guide.push_back(rank);
            sum += (uint64_t{1} << 32) / (rank + 1);
        }
        guide.resize(4097, N - 1);
    }

    unsigned zipf()
    {
        unsigned part = below(4096);
        unsigned low = guide[part], high = guide[part + 1];
        uint64_t rank = low + (high > low ? below(high - low) : 0);
        return static_cast<unsigned>((rank * 7919 + 13) % N);
    }

    // A hot set of F/2 pages, three of four references; the fourth goes round the others.
    unsigned loop_hot(uint64_t k)
    {
        unsigned hot = F / 2 >= N ? N / 2 : F / 2;
        return k % 4 ? below(hot) : hot + round++ % (N - hot);
    }

    // F/4 hot pages; each 16,384 references, one scan of all.
    unsigned scan_hot(uint64_t k)
    {
        uint64_t phase = k % (16384 + N);
        return phase < 16384 ? below(F / 4) : static_cast<unsigned>(phase - 16384);
    }

    // Half the pages by rows, the other half by columns, in turn.
    unsigned transpose(uint64_t k) const
    {
        unsigned half = N / 2;
        uint64_t element = k / 2;
        return static_cast<unsigned>(k % 2 ? half + element % half : element / 8 % half);
    }

    unsigned N, F;

private:
    uint64_t state = 0x9E3779B97F4A7C15ull;
    std::vector<unsigned> guide;
    unsigned round = 0;
};

} // namespace

void generate(Text &text, const std::string &name, unsigned pages, unsigned frames,
              unsigned factor, bool warm_up)
{
    if (name == "transpose" && pages < 2)
        throw std::invalid_argument("--generate transpose: at least 2 pages, one for each half");
    Generator from(pages, frames);
    bool matrix = name == "matrix_row" || name == "matrix_col" || name == "transpose";
    uint64_t total = static_cast<uint64_t>(pages) * (matrix ? 16 : factor);
    if (name == "zipf")
        from.zipf_begin();
    for (unsigned page = 0; warm_up && page < pages; page++)
        text.add(page, true);
    text.warm = text.references.size();
    if (generate_more(text, name, pages, frames, factor))
        return;
    for (uint64_t k = 0; k < total; k++) {
        unsigned page;
        if (name == "cyclic" || name == "matrix_col")
            page = static_cast<unsigned>(k % pages);
        else if (name == "uniform")
            page = from.below(pages);
        else if (name == "zipf")
            page = from.zipf();
        else if (name == "loop_hot")
            page = from.loop_hot(k);
        else if (name == "matrix_row")
            page = static_cast<unsigned>(k / 8 % pages);
        else if (name == "scan_hot")
            page = from.scan_hot(k);
        else if (name == "transpose")
            page = from.transpose(k);
        else
            throw std::invalid_argument("--generate: no string " + shown(name));
        text.add(page, true);
    }
}
