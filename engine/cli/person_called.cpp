#include "engine/cli/person_called.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "engine/answers/inquiry.hpp"
#include "engine/answers/whom.hpp"
#include "engine/cli/state.hpp"

namespace usher::cli {

std::string person_called(const Call& call, const std::string& who) {
  if (!std::filesystem::exists(state_file(call))) return who;
  Inquiry inquiry(call.common());
  Whom whom = find_whom(inquiry, who, "");
  if (!whom.person.empty()) return std::move(whom.person);
  throw CommandError(
      ExitCode::usage,
      fmt::format("The account '{}' is not linked to anybody. Link it with 'usher link' first.",
                  escaped(who)));
}

}  // namespace usher::cli
