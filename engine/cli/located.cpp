#include "engine/cli/located.hpp"

#include <nlohmann/json.hpp>

namespace usher::cli {

nlohmann::ordered_json located_json(const std::vector<Diagnostic>& mistakes) {
  auto list = nlohmann::ordered_json::array();
  for (const Diagnostic& mistake : mistakes)
    list.push_back({{"file", mistake.place.file},
                    {"line", mistake.place.line},
                    {"column", mistake.place.column},
                    {"message", mistake.message}});
  return list;
}

}  // namespace usher::cli
