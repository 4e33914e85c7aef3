#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/attribute_path.hpp"
#include "state/model/json_string.hpp"

namespace simdjson::dom {
class element;
}

namespace usher {

// Canonical JSON text straight out of what simdjson parsed: the same bytes as nlohmann::json::dump() of the
// same value, with whole numbers written without a fraction.

/// Appends a value: keys sorted at every level, no spaces, nothing left out.
void append_canonical(std::string& out, const simdjson::dom::element& value);

/// The canonical attributes of an object without a schema: members that say nothing (null, "", [], {}) are
/// left out, and so are the members named in `without`.
std::string canonical_open_object(const simdjson::dom::element& object,
                                  const std::vector<std::string>& without = {});

/// Appends a number; false, and nothing, when it is no whole number and one is asked for.
bool append_real(std::string& out, double value, bool whole);

/// The element at a dotted path ("data.users"; "" is the element itself); false when there is none.
bool element_at(const simdjson::dom::element& from, std::string_view path, simdjson::dom::element& found);

/// The text of a string, a number or a boolean; nullopt for anything else. Numbers as JSON writes them.
std::optional<std::string> scalar_text(const simdjson::dom::element& value);

/// The texts at a dotted path, sorted and without duplicates: a text, a list of texts, or what the rest of
/// the path finds in each item of a list ("roles.name"). None where there is nothing; nullopt where there is
/// something else than texts.
std::optional<std::vector<std::string>> texts_at(const simdjson::dom::element& from, std::string_view path);

}  // namespace usher
