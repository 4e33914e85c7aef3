#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "state/model/account.hpp"
#include "state/model/capabilities.hpp"

namespace usher {

/// What a person recognises an account by: the text of the platform's label attribute, else the id.
std::string label_of(const Account& account, const Capabilities& capabilities);
/// The same of attributes that were read already.
std::string label_of(const std::string& id, const nlohmann::json& attributes,
                     const Capabilities& capabilities);

}  // namespace usher
