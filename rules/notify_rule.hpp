#pragma once

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/model/settings.hpp"

namespace usher {

/// What somebody can be notified of.
enum class NoticeKind : std::uint8_t {
  held,       ///< guards hold something
  failed,     ///< a command, a pull or an operation failed
  attention,  ///< somebody gets nothing or not everything, and nobody chose that
  stale,      ///< a platform was not read completely for long, or accounts are not as the plan relied on
  changed,    ///< something was changed on a platform
};
const char* to_string(NoticeKind kind);

/// One entry of `notify`: who is told of what, and how. References to secrets (${…}) in `command` are not
/// replaced; those in `webhook` and `headers` are when the notification is sent.
struct NotifyRule {
  std::string name;  ///< how messages call it
  std::set<NoticeKind> on;
  std::string command;                                       ///< empty: it is a webhook
  std::string webhook;                                       ///< as written, with its references
  std::vector<std::pair<std::string, std::string>> headers;  ///< likewise
  std::chrono::seconds timeout{10};
  std::chrono::seconds repeat{24 * 3600};   ///< the same news are sent again after so long
  std::chrono::seconds max_age{26 * 3600};  ///< stale: how old the last complete pull may be
  std::string directory;                    ///< where the command and relative paths start
  SourceLocation place;
};

}  // namespace usher
