#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/capabilities.hpp"

namespace usher {

/// What a person recognises an account by: the text of the platform's label attribute, else the id.
std::string label_of(const Account& account, const Capabilities& capabilities);
/// The same of attributes that were read already.
std::string label_of(const std::string& id, const nlohmann::json& attributes,
                     const Capabilities& capabilities);

/// What tells one account of a platform from any other, as {path: value}: the natural key and the attributes
/// that match rules look at; where the account has none of these, the label. What it does not have is left
/// out.
nlohmann::json identifying_attributes(const nlohmann::json& attributes, const Capabilities& capabilities,
                                      const std::vector<std::string>& matched);

}  // namespace usher
