// registry.cpp - the policies by name.
#include "policies.h"

std::unique_ptr<Policy> policy_new(const std::string &name, Memory &memory, const Text &text)
{
    std::unique_ptr<Policy> policy = policy_by_order(name, memory, text);
    if (!policy)
        policy = policy_by_clock(name, memory);
    if (!policy)
        policy = policy_by_distance(name, memory);
    return policy;
}

const std::vector<std::string> &policy_names()
{
    static const std::vector<std::string> names = {
        "clock", "fifo",  "clock-rm", "aging",     "lfu",  "mfu", "random",
        "sieve", "wsclock", "clock-pro", "distance", "lru", "opt"};
    return names;
}

// Both know every reference or are nothing.
bool policy_wants_exact(const std::string &name) { return name == "lru" || name == "opt"; }
