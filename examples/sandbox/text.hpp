#pragma once

#include <string>
#include <string_view>

namespace usher::sandbox {

/// Which characters a platform escapes beyond what JSON demands.
enum class Escapes { json, html };  ///< html: '<', '>' and '&' as \u003c…, as Go's encoder does

/// Appends `text` as a JSON string with its quotes.
void append_quoted(std::string& out, std::string_view text, Escapes escapes = Escapes::json);

/// Appends `,"name":` (without the comma at the start of an object) and leaves the value to the caller.
void append_name(std::string& out, std::string_view name);
/// Appends a member with a string value.
void append_member(std::string& out, std::string_view name, std::string_view text,
                   Escapes escapes = Escapes::json);

/// Base64 with the URL alphabet and without padding, as in a JWT.
std::string base64url(std::string_view bytes);
/// The reverse of base64 in either alphabet; characters that belong to neither are skipped.
std::string base64_decode(std::string_view text);

/// `text` in ASCII lower case.
std::string lower(std::string_view text);
/// Whether `text` contains `part`, ASCII case aside.
bool contains_folded(std::string_view text, std::string_view part);

}  // namespace usher::sandbox
