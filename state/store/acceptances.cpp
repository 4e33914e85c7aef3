#include "state/store/acceptances.hpp"

namespace usher {

void Acceptances::give(const Acceptance& acceptance) {
  Transaction transaction(connection_);
  revoke(acceptance.note, acceptance.given_at);
  connection_
      .statement(
          "insert into acceptance (note, kind, platform, subject, cause, given_at, until, actor, reason) "
          "values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
      ->run(acceptance.note, acceptance.kind, acceptance.platform, acceptance.subject, acceptance.cause,
            acceptance.given_at, acceptance.until, acceptance.actor, acceptance.reason);
  transaction.commit();
}

bool Acceptances::revoke(std::string_view note, std::string_view at) {
  Transaction transaction(connection_);
  const StatementLoan find =
      connection_.statement("select 1 from acceptance where note = ?1 and revoked_at is null");
  const bool found = find->bind(note).step();
  find->reset();
  connection_.statement("update acceptance set revoked_at = ?2 where note = ?1 and revoked_at is null")
      ->run(note, at);
  transaction.commit();
  return found;
}

std::string Acceptances::until(std::string_view note, std::string_view now) {
  const StatementLoan select = connection_.statement(
      "select max(until) from acceptance where note = ?1 and revoked_at is null and until > ?2");
  if (!select->bind(note, now).step() || select->null(0)) return {};
  return std::string(select->text(0));
}

std::vector<Acceptance> Acceptances::all() {
  std::vector<Acceptance> found;
  const StatementLoan select = connection_.statement(
      "select note, kind, platform, subject, cause, given_at, until, actor, reason, coalesce(revoked_at, '') "
      "from acceptance order by id desc");
  const auto text = [&](int column) { return std::string(select->text(column)); };
  while (select->step())
    found.push_back(
        {text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7), text(8), text(9)});
  return found;
}

}  // namespace usher
