#pragma once

#include <memory>
#include <tl/expected.hpp>

#include "connectors/http/auth.hpp"
#include "connectors/recipe/call.hpp"

namespace usher::recipe {

/// Puts the authentication a recipe states around a transport: the first method whose `when` holds. The error
/// is a sentence. The caller must outlive the result.
tl::expected<std::unique_ptr<http::Transport>, std::string> authenticated(
    std::unique_ptr<http::Transport> inner, const RequestRunner& caller, http::Clock& clock);

/// The options the login rests on, for a message that says what to check: "identity and secret".
std::string credential_options(const RequestRunner& caller);

}  // namespace usher::recipe
