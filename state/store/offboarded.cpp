#include "state/store/offboarded.hpp"

namespace usher {

namespace {

#define USHER_KEPT_OUT                                                                                  \
  "select person, since, coalesce(until, ''), run, actor, reason, left_at is not null from offboarded " \
  "where ended_at is null and coalesce(until > ?1, 1)"

Offboarded offboarded_in(const Statement& row) {
  const auto text = [&](int column) { return std::string(row.text(column)); };
  return {text(0), text(1), text(2), row.integer(3), text(4), text(5), row.integer(6) != 0};
}

}  // namespace

std::string Offboarded::text() const {
  return "was offboarded in run " + std::to_string(run) + " by " + actor +
         (reason.empty() ? "" : " (" + reason + ")");
}

void OffboardedPeople::put(const Offboarded& offboarded) {
  Transaction transaction(connection_);
  connection_.statement("update offboarded set ended_at = ?2 where person = ?1 and ended_at is null")
      ->run(offboarded.person, offboarded.since);
  connection_
      .statement(
          "insert into offboarded (person, since, until, run, actor, reason) "
          "values (?1, ?2, nullif(?3, ''), ?4, ?5, ?6)")
      ->run(offboarded.person, offboarded.since, offboarded.until, offboarded.run, offboarded.actor,
            offboarded.reason);
  transaction.commit();
}

bool OffboardedPeople::end(std::string_view person, std::string_view now) {
  Transaction transaction(connection_);
  const bool found = find(person, now).has_value();
  if (found) {
    connection_.statement("update offboarded set ended_at = ?2 where person = ?1 and ended_at is null")
        ->run(person, now);
  }
  transaction.commit();
  return found;
}

void OffboardedPeople::mark_left(std::string_view person, std::string_view at) {
  connection_
      .statement(
          "update offboarded set left_at = ?2 where person = ?1 and ended_at is null and left_at is null")
      ->run(person, at);
}

void OffboardedPeople::renumber(std::string_view from, std::string_view to) {
  connection_
      .statement("update offboarded set person = ?2, left_at = null where person = ?1 and ended_at is null")
      ->run(from, to);
}

std::vector<Offboarded> OffboardedPeople::all(std::string_view now) {
  std::vector<Offboarded> found;
  const StatementLoan select = connection_.statement(USHER_KEPT_OUT " order by person");
  select->bind(now);
  while (select->step()) found.push_back(offboarded_in(*select));
  return found;
}

std::set<std::string> OffboardedPeople::ended_since(std::string_view at) {
  std::set<std::string> found;
  const StatementLoan select =
      connection_.statement("select person from offboarded where ended_at >= ?1 and left_at is null");
  select->bind(at);
  while (select->step()) found.emplace(select->text(0));
  return found;
}

std::map<std::string, Offboarded> OffboardedPeople::last() {
  std::map<std::string, Offboarded> found;
  const StatementLoan select = connection_.statement(
      "select person, since, coalesce(min(until, ended_at), until, ended_at, ''), run, actor, reason, "
      "left_at is not null from offboarded where id in (select max(id) from offboarded group by person)");
  select->bind();
  while (select->step()) found.emplace(select->text(0), offboarded_in(*select));
  return found;
}

std::optional<Offboarded> OffboardedPeople::find(std::string_view person, std::string_view now) {
  const StatementLoan select = connection_.statement(USHER_KEPT_OUT " and person = ?2");
  if (!select->bind(now, person).step()) return std::nullopt;
  return offboarded_in(*select);
}

}  // namespace usher
