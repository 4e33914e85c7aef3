#include "engine/session/clock_check.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "engine/runtime/terminal_text.hpp"

namespace usher {

std::string clock_doubt(Connector& connector, const std::string& platform, std::int64_t now,
                        std::stop_token stop) {
  const auto probe = connector.probe({}, std::move(stop));
  if (!probe || probe->date.empty()) return {};
  std::istringstream stream(probe->date);
  date::sys_seconds theirs;
  stream >> date::parse("%a, %d %b %Y %H:%M:%S GMT", theirs);
  if (stream.fail()) return {};
  constexpr std::int64_t day = 86'400;
  const std::int64_t ahead = now - theirs.time_since_epoch().count();
  if (std::abs(ahead) <= day) return {};
  return fmt::format("the clock of this machine is {} {} that of {}",
                     pluralised(static_cast<std::uint64_t>(std::abs(ahead) / day), "day", "days"),
                     ahead > 0 ? "ahead of" : "behind", platform);
}

}  // namespace usher
