#include "examples/sandbox/journal.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace usher::sandbox {
namespace {

using nlohmann::json;

const std::set<std::string, std::less<>> secret_names{
    "secret",      "old_secret",  "new_secret", "password",    "confirm_password", "oldPassword",
    "newPassword", "reset_token", "token",      "accessToken", "fullToken"};

void mask(json& value) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items())
      if (secret_names.contains(name))
        member = "***";
      else
        mask(member);
  } else if (value.is_array()) {
    for (json& element : value) mask(element);
  }
}

}  // namespace

json masked(const std::string& body) {
  json value = json::parse(body, nullptr, false);
  if (value.is_discarded()) return nullptr;
  mask(value);
  return value;
}

void Journal::add(const Call& call, const Reply& reply) {
  entries_.push_back(
      {call.method, call.path, std::string(reply.effect), reply.subject, reply.status,
       call.body.empty() ? "" : masked(call.body).dump(-1, ' ', false, json::error_handler_t::replace)});
}

json Journal::entries() const {
  json result = json::array();
  for (const Entry& entry : entries_) {
    json line{{"sequence", result.size() + 1}, {"method", entry.method},   {"path", entry.path},
              {"effect", entry.effect},        {"subject", entry.subject}, {"status", entry.status}};
    if (!entry.body.empty()) line["body"] = json::parse(entry.body);
    result.push_back(std::move(line));
  }
  return result;
}

}  // namespace usher::sandbox
