#include "connectors/connector.hpp"

namespace usher {

Outcome<Receipt> PlainConnector::finish(const Operation&, const Receipt& made, const Secret&,
                                        std::stop_token) {
  return Receipt{.account = made.account, .already = made.already, .secret = made.secret};
}

Outcome<Receipt> PlainConnector::set_memberships(std::span<const Operation> changes,
                                                 const std::vector<std::string>&, std::stop_token) {
  Failure failure;
  failure.kind = FailureKind::unsupported;
  failure.message = "this platform has no call that sets all memberships of an account";
  failure.request = changes.empty() ? "" : changes.front().membership.kind;
  return tl::unexpected(std::move(failure));
}

Outcome<std::vector<Credential>> PlainConnector::credentials(const std::string& kind, const std::string&,
                                                             std::stop_token) {
  Failure failure;
  failure.kind = FailureKind::unsupported;
  failure.message = "this platform tells nothing of its credentials";
  failure.request = kind;
  return tl::unexpected(std::move(failure));
}

Outcome<Probe> PlainConnector::probe(const std::vector<Entitlement>&, std::stop_token stop) {
  auto page = fetch("", std::move(stop));
  if (!page) return tl::unexpected(std::move(page.error()));
  return Probe{.self = std::move(page->self), .hidden = {}, .date = {}, .permissions = {}};
}

}  // namespace usher
