#pragma once

namespace usher {

/// Why a link ended whose account neither a complete listing nor a question for its id showed.
constexpr const char* was_not_listed = "was in no complete listing any more";

}  // namespace usher
