#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "state/model/schema.hpp"

namespace usher {

/// Text as a platform that normalises so would answer it. Invalid UTF-8 is left as it is.
std::string normalised(std::string_view text, const Normalisation& how);

/// NFKC_Casefold of Unicode 3.13: without case, compatible letters as one, composed, and without what cannot
/// be seen. Invalid UTF-8, and what no script writes, is left as it is.
std::string nfkc_casefold(std::string_view text);

/// Without control characters, format characters and line separators (Cc, Cf, Zl, Zp of Unicode). Invalid
/// UTF-8 is left as it is.
std::string without_unseen(std::string_view text);

/// A value as it stands in a canonical account: texts normalised, sets sorted without duplicates, and null
/// for everything empty ("", [], {}), since an empty member is left out of an account.
nlohmann::json normalised(nlohmann::json value, const Attribute& attribute);

/// The member at a dotted path ("credentials.identity"); null when there is none.
const nlohmann::json& at_path(const nlohmann::json& object, std::string_view path);

}  // namespace usher
