#pragma once

#include <string>
#include <string_view>

namespace usher {

/// What an attribute is about, told by its name: "mail" for credentials.identity, email_address and e-mail;
/// "name", "first_name", "last_name" and so on. Every other attribute means what its last name says, in small
/// letters and without separators.
std::string attribute_semantics(std::string_view path);

}  // namespace usher
