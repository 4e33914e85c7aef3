#pragma once

#include <exception>
#include <string>

namespace usher {

/// What an exception says, for users. Exceptions of libraries say it in our words: what happened, and nothing
/// of the library's own names and numbers.
std::string text_of(const std::exception& error);

}  // namespace usher
