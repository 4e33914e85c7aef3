#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace usher::test {

/// One history of a small world, as tests/scenarios/cases/*.yaml tell it; README.md there describes the keys.
/// `first` and each of `then` is a step: edits, then what the next sync must plan, say, do and leave.
struct Scenario {
  std::string name;
  std::string platform;                         ///< which of the four
  std::map<std::string, std::string> switches;  ///< of the sandbox
  nlohmann::json world;                         ///< users, groups and policies to begin with
  std::vector<nlohmann::json> steps;
};

/// Throws std::runtime_error naming the file and what is wrong in it, unknown keys included.
Scenario read_scenario(const std::filesystem::path& file);

/// The names of all scenario files, sorted.
std::vector<std::string> scenario_names();
std::filesystem::path scenario_file(const std::string& name);

}  // namespace usher::test
