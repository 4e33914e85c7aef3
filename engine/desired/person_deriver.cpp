#include "engine/desired/person_deriver.hpp"

#include <algorithm>

#include "engine/desired/desired_account_json.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

PersonDeriver::PersonDeriver(Connection& connection, const Database& database, const PlanningInput& input,
                             const std::vector<PersonLinks>& links, DerivedRows& out)
    : fingerprints_(database.fingerprints()),
      input_(input),
      known_links_(links),
      out_(out),
      links_(connection),
      people_(input.rules->people(), input.now),
      leaver_(leaver_digest(fingerprints_)) {
  for (const Target& target : input.targets) {
    StickyAllocator& choice = choices_.emplace_back(connection, target.platform);
    accounts_.emplace_back(*target.program, input.now, &choice);
    has_links_.push_back(links_.any(target.platform));
  }
}

void PersonDeriver::evaluate(const std::string& record, std::string_view record_id,
                             const Fingerprint& record_key) {
  const auto person = people_.evaluate(record);
  if (!person) {
    const PersonError& error = person.error();
    if (!error.id.empty()) {
      refuse(error.id, record_key, error.failure.message);
      out_.people.back().turns_at = at(people_.turn());
      return;
    }
    out_.unnamed.push_back({record_key, std::string(record_id), error.failure.message});
    return;
  }
  const std::string id(person->id);
  const Named who{id, fingerprints_.of_person(id)};
  const std::size_t row = out_.people.size();
  out_.people.push_back({who.key, id, record_key, person->active, ""});
  std::optional<std::int64_t> turn = people_.turn();
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    accounts_[i].forget_turn();
    evaluate_target(i, who, *person, record_key);
    if (const auto own = accounts_[i].turn()) turn = std::min(turn.value_or(*own), *own);
  }
  out_.people[row].turns_at = at(turn);
}

std::string PersonDeriver::at(const std::optional<std::int64_t>& turn) const {
  return turn ? text_of(input_.now.seconds + *turn) : std::string();
}

void PersonDeriver::leave(const std::string& record, std::string_view record_id,
                          const Fingerprint& record_key) {
  const auto person = people_.evaluate(record);
  const std::string id(person ? person->id : person.error().id);
  if (!id.empty()) return leave(id);
  out_.unnamed.push_back({record_key, std::string(record_id), person.error().failure.message, true});
}

void PersonDeriver::leave(const std::string& id) {
  const Named who{id, fingerprints_.of_person(id)};
  out_.gone_people.push_back(who.key);
  for (std::size_t i = 0; i < accounts_.size(); ++i) {
    out_.not_wanted[i].push_back(who.key);
    if (link_of(i, who)) put_leaver(i, who);
  }
}

void PersonDeriver::refuse(const std::string& id, const Fingerprint& record_key, const std::string& message) {
  out_.people.push_back({fingerprints_.of_person(id), id, record_key, true, message});
  put_errors(id, message);
}

void PersonDeriver::put_errors(const std::string& id, const std::string& message) {
  const Named who{id, fingerprints_.of_person(id)};
  for (std::size_t i = 0; i < accounts_.size(); ++i) put_error(i, who, message);
}

void PersonDeriver::evaluate_target(std::size_t target, const Named& who, const Person& person,
                                    const Fingerprint& record_key) {
  if (!person.active) return put_leaver(target, who);
  const auto in_scope = accounts_[target].in_scope(person);
  if (!in_scope) return put_error(target, who, in_scope.error().message);
  if (!*in_scope) return put_leaver(target, who);
  const auto wanted = accounts_[target].wanted(person);
  if (choices_[target].take_open()) return out_.open[target].push_back({who.id, record_key});
  if (!wanted) return put_error(target, who, wanted.error().message);
  const auto content = desired_account_json(**wanted, *input_.targets[target].program);
  if (!content) return put_error(target, who, content.error().message);
  put(target, who, WantedState::present, wanted_digest(fingerprints_, input_.targets[target], *content));
}

void PersonDeriver::put_leaver(std::size_t target, const Named& who) {
  put(target, who, WantedState::leaver, leaver_);
}

void PersonDeriver::put_error(std::size_t target, const Named& who, const std::string& message) {
  put(target, who, WantedState::error, error_digest(fingerprints_, message));
}

void PersonDeriver::put(std::size_t target, const Named& who, WantedState state, const Fingerprint& digest) {
  const auto link = link_of(target, who);
  if (link) out_.not_wanted[target].push_back(who.key);
  out_.wanted[target].push_back({link.value_or(who.key), who.key, state, digest, std::nullopt});
}

std::optional<Fingerprint> PersonDeriver::link_of(std::size_t target, const Named& who) {
  if (!known_links_.empty()) return known_links_[target].account_of(who.key);
  if (!has_links_[target]) return std::nullopt;
  const auto link = links_.of_person(input_.targets[target].platform, who.id);
  return link ? std::optional(link->key) : std::nullopt;
}

Fingerprint wanted_digest(const Fingerprinter& fingerprints, const Target& target, std::string_view content) {
  return fingerprints.of({"present", content, target.salt});
}

Fingerprint error_digest(const Fingerprinter& fingerprints, std::string_view message) {
  return fingerprints.of({"error", message});
}

}  // namespace usher
