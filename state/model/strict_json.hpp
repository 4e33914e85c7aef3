#pragma once

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace usher {

/// Watches a nlohmann parse by its events: a key that stands twice in one object, or a value deeper than
/// `deepest` levels, ends it with std::runtime_error. The library itself lets the last of two keys win, and
/// copies deep values by recursion.
class StrictJson {
 public:
  static constexpr int deepest = 200;

  void see(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& read) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= deepest) throw std::runtime_error("holds a value deeper than 200 levels");
    }
    if (event == Event::object_start) keys_.emplace_back();
    if (event == Event::object_end && !keys_.empty()) keys_.pop_back();
    if (event != Event::key || keys_.empty()) return;
    const auto& key = read.get_ref<const std::string&>();
    std::vector<std::size_t>& seen = keys_.back();
    const std::size_t hash = std::hash<std::string>()(key);
    if (std::find(seen.begin(), seen.end(), hash) != seen.end())
      throw std::runtime_error("holds the key '" + key + "' twice in one object");
    seen.push_back(hash);
  }

 private:
  std::vector<std::vector<std::size_t>> keys_;  // hashes of the keys of each open object
};

}  // namespace usher
