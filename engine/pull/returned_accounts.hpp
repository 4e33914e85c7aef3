#pragma once

#include <cstdint>
#include <string>

#include "state/store/database.hpp"

namespace usher {

/// Links persons again to accounts that usher made for them and whose links ended because neither a complete
/// listing nor a question for the id showed them. Without that, who left meanwhile would keep an account that
/// nobody is linked to. An account is that of a create when the current snapshot shows it
///   - under its id, with the value of `natural_key` that usher wrote: the platform hid it; or
///   - under another id, with that value, for the first time in `generation`, and the link ended at `at`
///   without
///     any listing ever having shown its account: the create answered the id of something else.
/// Whoever is linked otherwise by now is left alone. REQUIRES: a write transaction is open.
void resume_links(Database& database, const std::string& platform, const std::string& natural_key,
                  std::uint64_t generation, const std::string& at);

}  // namespace usher
