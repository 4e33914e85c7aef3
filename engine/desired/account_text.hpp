#pragma once

#include <simdjson.h>

#include <string_view>

namespace usher {

/// The text at a path of an account's attributes ("emails[0].value", "[urn:x:User].department"); empty when
/// there is none.
std::string_view text_at(simdjson::dom::element attributes, std::string_view path);

}  // namespace usher
