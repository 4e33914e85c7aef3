#include "connectors/redacting.hpp"

namespace usher {

Outcome<Page> Redacting::fetch(const std::string& cursor, std::stop_token stop) {
  auto page = cleaned(inner().fetch(cursor, std::move(stop)));
  if (!page) return page;
  for (BadRecord& bad : page->bad) {
    bad.where = redactor_->clean(std::string_view(bad.where));
    bad.why = redactor_->clean(std::string_view(bad.why));
  }
  return page;
}

Outcome<Receipt> Redacting::apply(const Operation& operation, const Secret& first_secret,
                                  std::stop_token stop) {
  redactor_->add_passing(first_secret.reveal());
  auto receipt = cleaned(inner().apply(operation, first_secret, std::move(stop)));
  if (receipt) redactor_->add_passing(receipt->secret.reveal());
  return receipt;
}

Outcome<Receipt> Redacting::set_memberships(std::span<const Operation> changes,
                                            const std::vector<std::string>& memberships,
                                            std::stop_token stop) {
  return cleaned(inner().set_memberships(changes, memberships, std::move(stop)));
}

Outcome<Receipt> Redacting::finish(const Operation& create, const Receipt& made, const Secret& first_secret,
                                   std::stop_token stop) {
  redactor_->add_passing(first_secret.reveal());
  auto receipt = cleaned(inner().finish(create, made, first_secret, std::move(stop)));
  if (receipt) redactor_->add_passing(receipt->secret.reveal());
  return receipt;
}

Outcome<std::optional<Account>> Redacting::read(const AccountQuery& query, std::stop_token stop) {
  return cleaned(inner().read(query, std::move(stop)));
}

Outcome<std::vector<Credential>> Redacting::credentials(const std::string& kind, const std::string& account,
                                                        std::stop_token stop) {
  return cleaned(inner().credentials(kind, account, std::move(stop)));
}

Outcome<Probe> Redacting::probe(const std::vector<Entitlement>& entitlements, std::stop_token stop) {
  auto probe = cleaned(inner().probe(entitlements, std::move(stop)));
  if (!probe) return probe;
  for (Probe::Permission& one : probe->permissions)
    one.why_not = redactor_->clean(std::string_view(one.why_not));
  return probe;
}

}  // namespace usher
