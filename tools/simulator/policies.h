// policies.h - where the policies are.
#pragma once

#include "lists.h"
#include "model.h"

std::unique_ptr<Policy> policy_by_order(const std::string &name, Memory &memory, const Text &text);
std::unique_ptr<Policy> policy_by_clock(const std::string &name, Memory &memory);
std::unique_ptr<Policy> policy_by_distance(const std::string &name, Memory &memory);
