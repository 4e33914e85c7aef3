#include "engine/session/run_origin.hpp"

#include <nlohmann/json.hpp>

#include "engine/runtime/starter.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "engine/runtime/version.hpp"
#include "state/model/excerpt.hpp"

namespace usher {

namespace {

RunOrigin& remembered_origin() {
  static RunOrigin origin;
  return origin;
}

}  // namespace

void remember_origin(const std::vector<std::string>& words, std::string_view reason) {
  const Starter starter = started_by();
  const nlohmann::json arguments = words;
  remembered_origin() = {starter.user,
                         starter.host,
                         arguments.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                         std::string(reason),
                         "",
                         std::string(version())};
}

std::string started_as() {
  std::string text = "usher";
  for (const auto& word : nlohmann::json::parse(remembered_origin().arguments))
    text += " " + escaped(word.get<std::string>());
  constexpr std::size_t longest = 200;
  return excerpt(text, longest);
}

RunOrigin run_origin(std::string_view configuration) {
  RunOrigin origin = remembered_origin();
  origin.configuration = configuration;
  return origin;
}

}  // namespace usher
