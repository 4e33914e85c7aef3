#include "state/store/lifecycle.hpp"

#include "state/store/rows.hpp"

namespace usher {

bool Lifecycle::any(PlatformId platform) {
  const StatementLoan select = connection_.statement(
      "select exists (select 1 from gone where platform = ?1)"
      " or exists (select 1 from locked where platform = ?1)");
  return select->bind(number(platform)).step() && select->integer(0) != 0;
}

std::optional<std::string> Lifecycle::gone_since(PlatformId platform, std::string_view person) {
  const StatementLoan select =
      connection_.statement("select since from gone where platform = ?1 and person = ?2");
  if (!select->bind(number(platform), person).step()) return std::nullopt;
  return std::string(select->text(0));
}

void Lifecycle::remember_gone(PlatformId platform, std::string_view person, std::string_view since) {
  connection_
      .statement(
          "insert into gone values (?1, ?2, ?3)"
          " on conflict (platform, person) do update set since = excluded.since where excluded.since < since")
      ->run(number(platform), person, since);
}

void Lifecycle::forget_gone(PlatformId platform, std::string_view person) {
  connection_.statement("delete from gone where platform = ?1 and person = ?2")
      ->run(number(platform), person);
}

std::optional<std::string> Lifecycle::locked_since(PlatformId platform, std::string_view account) {
  const StatementLoan select =
      connection_.statement("select since from locked where platform = ?1 and account = ?2");
  if (!select->bind(number(platform), account).step()) return std::nullopt;
  return std::string(select->text(0));
}

std::set<std::string> Lifecycle::locked(PlatformId platform) {
  std::set<std::string> accounts;
  Statement select = connection_.prepare("select account from locked where platform = ?1");
  select.bind(number(platform));
  while (select.step()) accounts.emplace(select.text(0));
  return accounts;
}

void Lifecycle::remember_locked(PlatformId platform, std::string_view account, std::string_view since) {
  connection_.statement("insert or replace into locked values (?1, ?2, ?3)")
      ->run(number(platform), account, since);
}

void Lifecycle::forget_locked(PlatformId platform, std::string_view account) {
  connection_.statement("delete from locked where platform = ?1 and account = ?2")
      ->run(number(platform), account);
}

}  // namespace usher
