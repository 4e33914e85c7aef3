#include "connectors/recipe/writing.hpp"

#include "connectors/recipe/expression.hpp"

namespace usher::recipe {

using nlohmann::json;

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_integer() ? value.dump() : std::string();
}

json nested(const json& values) {
  json object = json::object();
  for (const auto& [path, value] : values.items()) put_at(object, path, value);
  return object;
}

Failure without_secret(Failure failure, const Secret& secret) {
  std::string& message = failure.message;
  if (secret.empty()) return failure;
  for (std::size_t found = message.find(secret.reveal()); found != std::string::npos;
       found = message.find(secret.reveal(), found)) {
    message.replace(found, secret.reveal().size(), "***");
    found += 3;
  }
  return failure;
}

Failure unsupported(const Operation& operation, const std::string& why) {
  Failure failure;
  failure.kind = FailureKind::unsupported;
  failure.request = to_string(operation.kind);
  failure.message = why;
  return failure;
}

}  // namespace usher::recipe
