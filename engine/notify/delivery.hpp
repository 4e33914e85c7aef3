#pragma once

#include <stop_token>
#include <string>

#include "rules/notify_rule.hpp"

namespace usher {

/// Hands one notification over: `body` (JSON) goes to the rule's command or webhook. event, line: for the
/// environment of a command. Returns why it did not arrive, without secrets; empty: it did. Takes at most the
/// rule's timeout and a little. Never throws.
std::string deliver(const NotifyRule& rule, const std::string& body, const std::string& event,
                    const std::string& line, std::stop_token stop);

}  // namespace usher
