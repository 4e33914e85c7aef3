#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "state/model/failure.hpp"
#include "state/model/operation.hpp"
#include "state/model/settings.hpp"

// What the parts that write share.
namespace usher::recipe {

/// A text or a whole number as text; empty for anything else.
std::string text_of(const nlohmann::json& value);

/// The object in which each value stands at its dotted path.
nlohmann::json nested(const nlohmann::json& values);

/// A platform that quotes what it was sent must not carry the secret into a message.
Failure without_secret(Failure failure, const Secret& secret);

Failure unsupported(const Operation& operation, const std::string& why);

}  // namespace usher::recipe
