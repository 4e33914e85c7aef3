#include "engine/check/connector_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "connectors/secret_shapes.hpp"
#include "engine/check/checks.hpp"
#include "engine/pull/listing_bounds.hpp"
#include "state/model/fingerprint.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// Whether a text of JSON begins with a password hash or a token; "Bearer of good news" is none.
bool looks_secret(std::string_view text) {
  std::vector<std::pair<std::size_t, std::size_t>> found;
  mark_secret_shapes(text, found);
  return std::any_of(found.begin(), found.end(),
                     [&](const auto& range) { return range.first > 0 && text[range.first - 1] == '"'; });
}

std::string secret_in(const Account& account) {
  if (!looks_secret(account.attributes)) return {};
  const json attributes = json::parse(account.attributes);
  for (const auto& [path, value] : attributes.items()) {
    if (looks_secret(value.dump())) return path;
  }
  return {};
}

class Puller {
 public:
  explicit Puller(Connector& connector) : can_(connector.capabilities()) {}

  void add(Page page) {
    pulled_.completeness.add(page);
    if (!page.self.empty()) pulled_.self = page.self;
    for (Entitlement& one : page.entitlements) {
      known_.insert({one.kind, one.id});
      listed_.insert(one.kind);
      pulled_.entitlements.push_back(std::move(one));
    }
    for (Membership& edge : page.memberships) edges_[edge.account].push_back(std::move(edge));
    for (std::size_t i = 0; i < page.accounts.size(); ++i)
      add(std::move(page.accounts[i]), i == 0 || i + 1 == page.accounts.size());
  }

  Pulled take() { return std::move(pulled_); }

 private:
  void add(Account account, bool sample) {
    ++pulled_.items;
    if (const auto outside = edges_.find(account.id); outside != edges_.end()) {
      json all = json::parse(account.memberships.empty() ? "{}" : account.memberships);
      all.update(json::parse(canonical_memberships(outside->second)));
      account.memberships = all.dump();
    }
    if (account.memberships.size() > 2) {
      const json all = json::parse(account.memberships);
      for (const auto& [kind, edges] : all.items()) {
        pulled_.edges[kind] += edges.size();
        for (const auto& [id, details] : edges.items())
          if (listed_.count(kind) > 0 && known_.count({kind, id}) == 0) pulled_.unknown[kind] = id;
      }
    }
    if (!can_.natural_key.empty()) {
      const std::string key = attribute_text(account, can_.natural_key);
      key.empty() ? ++pulled_.keyless : ++pulled_.keys[key];
    }
    if (pulled_.secret.empty()) pulled_.secret = secret_in(account);
    pulled_.digests[account.id] =
        public_digest(account.attributes + "\n" + account.memberships + (account.active ? "+" : "-"));
    if (sample && pulled_.samples.size() < 50) pulled_.samples.push_back(std::move(account));
  }

  const Capabilities& can_;
  Pulled pulled_;
  std::set<std::pair<std::string, std::string>> known_;
  std::set<std::string> listed_;
  std::map<std::string, std::vector<Membership>> edges_;
};

}  // namespace

std::string_view to_string(CheckResult::Result result) {
  switch (result) {
    case CheckResult::Result::ok:
      return "ok";
    case CheckResult::Result::failed:
      return "failed";
    case CheckResult::Result::not_possible:
      break;
  }
  return "not possible";
}

std::string Pulled::objection() const {
  return failure ? describe(*failure)
                 : completeness.objection({.distinct = digests.size(), .repeated = items - digests.size()});
}

Pulled pull_all(Connector& connector, const std::stop_token& stop) {
  Puller puller(connector);
  ListingBounds bounds;
  std::optional<Failure> failure;
  std::string cursor;
  do {
    if (stop.stop_requested()) {
      failure = Failure{.kind = FailureKind::stopped, .message = "stopped on request"};
      break;
    }
    auto page = connector.fetch(cursor, stop);
    if (!page) {
      failure = std::move(page.error());
      break;
    }
    if (!page->next.empty() && page->next == cursor) {
      failure = Failure{.kind = FailureKind::malformed, .message = "a page names itself as the next one"};
      break;
    }
    if ((failure = bounds.add(*page))) break;
    cursor = page->next;
    puller.add(std::move(*page));
  } while (!cursor.empty());
  Pulled pulled = puller.take();
  pulled.failure = std::move(failure);
  return pulled;
}

std::string attribute_text(const Account& account, const std::string& path) {
  const json attributes = json::parse(account.attributes.empty() ? "{}" : account.attributes);
  const json& value = at_path(attributes, path);
  return value.is_string() ? value.get<std::string>() : value.is_null() ? std::string() : value.dump();
}

ConnectorCheck try_connector(Connector& connector, const TrialOptions& options, std::stop_token stop) {
  Checks checks(options);
  ConnectorCheck trial;
  const Pulled pulled = try_reading(connector, checks, stop);
  trial.failure = pulled.failure;
  if (options.write && !pulled.failure) trial.left_behind = try_writing(connector, pulled, checks, stop);
  trial.checks = checks.take();
  return trial;
}

}  // namespace usher
