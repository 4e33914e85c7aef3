#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/notify/notify_memory.hpp"

namespace usher {

/// A notification that was sent, or why it was not.
struct Notification {
  std::string rule;
  NoticeKind kind = NoticeKind::failed;
  std::string failure;  ///< empty: it arrived
};

/// The news of a run for one rule.
using NewsFor = std::function<std::vector<Notice>(const NotifyRule& rule)>;

/// Tells each rule the news it is for, one after another: what is new at once and with all its causes, what
/// goes on as one line and not before the rule's `repeat` is over, what was not delivered again in the next
/// run. judged: the kinds that have ended where there are no news of them; of other kinds what was told so
/// far stays in the memory. A rule whose delivery failed is not tried again in this run. Never throws for a
/// delivery.
std::vector<Notification> notify(const std::vector<NotifyRule>& rules, const NewsFor& news,
                                 const std::set<NoticeKind>& judged, const NoticeOrigin& origin,
                                 NotifyMemory& memory, std::stop_token stop);

}  // namespace usher
