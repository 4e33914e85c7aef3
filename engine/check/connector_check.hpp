#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"

namespace usher {

/// How one check of a connector came out.
struct CheckResult {
  enum class Result { ok, failed, not_possible };
  std::string name;  ///< "reads to the end"
  Result result = Result::ok;
  std::string why;  ///< what was seen, what is wrong, or why it cannot be checked
};
/// "ok", "failed", "not possible"
std::string_view to_string(CheckResult::Result result);

/// What a trial may do beside reading, and what it is told.
struct TrialOptions {
  bool write = false;                                       ///< try everything else on an account of its own
  nlohmann::json create = nlohmann::json::object();         ///< {path: value} for that account
  nlohmann::json change = nlohmann::json::object();         ///< {path: value} an update writes
  std::vector<std::pair<std::string, std::string>> join{};  ///< kind and id of existing entitlements
  /// Makes the connector anew so that it asks for pages of that many accounts; null where pages have no size.
  std::function<std::unique_ptr<Connector>(std::size_t size)> with_page_size = {};
  /// Hears of each check as soon as it is made.
  std::function<void(const CheckResult&)> told = [](const CheckResult&) {};
};

/// What came of it.
struct ConnectorCheck {
  std::vector<CheckResult> checks;
  std::optional<Failure> failure;  ///< why the platform could not be read at all
  std::string left_behind;         ///< the id of an account that could not be taken away again
};

/// Checks a connector against the live system it speaks to: whether what the engine relies on holds. Reads
/// everything at least twice and keeps a digest of every account in memory. Without `write` it changes
/// nothing; with it, it changes only an account that it makes and takes away again.
ConnectorCheck try_connector(Connector& connector, const TrialOptions& options, std::stop_token stop);

}  // namespace usher
