#include "rules/notify_rule.hpp"

namespace usher {

const char* to_string(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::held:
      return "held";
    case NoticeKind::failed:
      return "failed";
    case NoticeKind::attention:
      return "attention";
    case NoticeKind::stale:
      return "stale";
    case NoticeKind::changed:
      return "changed";
  }
  return "";
}

}  // namespace usher
