#include "state/model/account_label.hpp"

#include <nlohmann/json.hpp>

#include "state/model/normalise.hpp"

namespace usher {

std::string label_of(const Account& account, const Capabilities& capabilities) {
  const auto attributes = nlohmann::json::parse(account.attributes.empty() ? "{}" : account.attributes);
  return label_of(account.id, attributes, capabilities);
}

std::string label_of(const std::string& id, const nlohmann::json& attributes,
                     const Capabilities& capabilities) {
  const nlohmann::json& label = at_path(attributes, capabilities.label);
  const bool says_something = label.is_string() && !label.get_ref<const std::string&>().empty();
  return says_something ? label.get<std::string>() : id;
}

nlohmann::json identifying_attributes(const nlohmann::json& attributes, const Capabilities& capabilities,
                                      const std::vector<std::string>& matched) {
  nlohmann::json found = nlohmann::json::object();
  const auto take = [&](const std::string& path) {
    const nlohmann::json& value = at_path(attributes, path);
    if (!path.empty() && !value.is_null()) found[path] = value;
  };
  take(capabilities.natural_key);
  for (const std::string& path : matched) take(path);
  if (found.empty()) take(capabilities.label);
  return found;
}

}  // namespace usher
