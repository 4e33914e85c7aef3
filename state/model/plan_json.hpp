#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "state/model/plan.hpp"

namespace usher {

/// Takes a text piece by piece.
using TextSink = std::function<void(std::string_view)>;

/// The plan as JSON without its digest and without blanks: what the digest is of, and what the state keeps. A
/// plan of a million changes is a gigabyte of JSON, so nothing here holds more than an item of it at a time.
void write_content(const Plan& plan, const TextSink& sink);

/// The plan as JSON with its digest, for files and reports: indented by two blanks a level. depth: levels it
/// is nested in.
void write_json(const Plan& plan, std::size_t depth, const TextSink& sink);

/// Digest of write_content(), hexadecimal.
std::string digest_of(const Plan& plan);

/// Reads what one of the two wrote, or a JSON report that holds a plan. known_digest: what it is kept by;
/// empty: it stands in the text. Throws std::runtime_error that says what is wrong: "was altered: …".
Plan plan_from_json(std::string_view text, const std::string& known_digest = "");

}  // namespace usher
