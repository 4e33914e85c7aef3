#include "state/store/links.hpp"

#include <fmt/format.h>

#include "state/store/rows.hpp"

namespace usher {

namespace {

LinkOrigin origin(std::string_view text) {
  try {
    return link_origin(text);
  } catch (const std::invalid_argument& error) {
    throw StoreError(StoreErrorKind::corrupt, fmt::format("the state is damaged: {}", error.what()));
  }
}

Link link(const Statement& row) {
  Link link{std::string(row.text(0)), std::string(row.text(1)), row.fingerprint(2), std::nullopt,
            origin(row.text(4)),      std::string(row.text(5))};
  if (!row.null(3)) link.applied = row.fingerprint(3);
  return link;
}

}  // namespace

std::optional<Link> Links::of_person(PlatformId platform, std::string_view person) {
  const StatementLoan select = connection_.statement(
      "select person, account, key, applied, how, since from link where platform = ?1 and person = ?2");
  if (!select->bind(number(platform), person).step()) return std::nullopt;
  return link(*select);
}

std::optional<Link> Links::of_account(PlatformId platform, const Fingerprint& key) {
  const StatementLoan select = connection_.statement(
      "select person, account, key, applied, how, since from link where platform = ?1 and key = ?2");
  if (!select->bind(number(platform), key).step()) return std::nullopt;
  return link(*select);
}

std::uint64_t Links::count(PlatformId platform) {
  const StatementLoan select = connection_.statement("select count(*) from link where platform = ?1");
  select->bind(number(platform)).step();
  return static_cast<std::uint64_t>(select->integer(0));
}

bool Links::any(PlatformId platform) {
  const StatementLoan select =
      connection_.statement("select exists (select 1 from link where platform = ?1)");
  return select->bind(number(platform)).step() && select->integer(0) != 0;
}

bool Links::any_ended(PlatformId platform) {
  const StatementLoan select =
      connection_.statement("select exists (select 1 from ended_link where platform = ?1)");
  return select->bind(number(platform)).step() && select->integer(0) != 0;
}

void Links::for_each_by_person(PlatformId platform, const std::function<void(const Link&)>& visit) {
  Statement select = connection_.prepare(
      "select person, account, key, applied, how, since from link where platform = ?1 order by person");
  select.bind(number(platform));
  while (select.step()) visit(link(select));
}

void Links::for_each_since(PlatformId platform, std::string_view since,
                           const std::function<void(const Link&)>& visit) {
  Statement select = connection_.prepare(
      "select person, account, key, applied, how, since from link where platform = ?1 and since > ?2");
  select.bind(number(platform), since);
  while (select.step()) visit(link(select));
}

void Links::for_each_by_account(PlatformId platform, const std::function<void(const Link&)>& visit) {
  Statement select = connection_.prepare(
      "select person, account, key, applied, how, since from link where platform = ?1 order by key");
  select.bind(number(platform));
  while (select.step()) visit(link(select));
}

void Links::for_each_in(PlatformId platform, const KeySlice& slice,
                        const std::function<void(std::string_view person, const Fingerprint& key)>& visit) {
  Statement select = connection_.prepare(
      "select person, key from link where platform = ?1 and key between ?2 and ?3 order by key");
  select.bind(number(platform), slice.first, slice.last);
  while (select.step()) visit(select.text(0), select.fingerprint(1));
}

void Links::put(PlatformId platform, std::span<const Link> links) {
  Transaction transaction(connection_);
  for (const Link& link : links) {
    const std::optional<Link> holder = of_account(platform, link.key);
    if (holder && holder->person != link.person) {
      throw StoreError(StoreErrorKind::failed,
                       fmt::format("account '{}' is linked to '{}' already and cannot be linked to '{}'",
                                   link.account, holder->person, link.person));
    }
    connection_.statement("insert or replace into link values (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        ->run(number(platform), link.person, link.account, link.key, link.applied, to_string(link.how),
              link.since);
  }
  transaction.commit();
}

void Links::end(PlatformId platform, std::string_view person, std::string_view why, std::string_view at) {
  Transaction transaction(connection_);
  connection_
      .statement(
          "insert into ended_link select platform, person, account, key, how, since, ?3, ?4 from link "
          "where platform = ?1 and person = ?2")
      ->run(number(platform), person, at, why);
  connection_.statement("delete from link where platform = ?1 and person = ?2")
      ->run(number(platform), person);
  transaction.commit();
}

std::optional<EndedLink> Links::last_ended(PlatformId platform, std::string_view person) {
  const StatementLoan select = connection_.statement(
      "select account, why from ended_link where platform = ?1 and person = ?2 and why not in (?3, ?4, ?5) "
      "order by ended_at desc limit 1");
  if (!select->bind(number(platform), person, parted_by_hand, parted_by_undo, passed_on).step())
    return std::nullopt;
  return EndedLink{std::string(select->text(0)), select->text(1) == deleted_by_usher};
}

std::vector<RememberedLink> Links::all_of(PlatformId platform, std::string_view person,
                                          const std::optional<Fingerprint>& key) {
  std::vector<RememberedLink> found;
  const StatementLoan select = connection_.statement(
      "select person, account, how, since as began, '', '' from link where platform = ?1 and person = ?2 "
      "union "
      "select person, account, how, since, '', '' from link where platform = ?1 and key = ?3 union "
      "select person, account, how, since, ended_at, why from ended_link where platform = ?1 and "
      "(person = ?2 or key = ?3) order by began");
  select->bind(number(platform), person, key);
  const auto text = [&](int column) { return std::string(select->text(column)); };
  while (select->step())
    found.push_back({text(0), text(1), origin(select->text(2)), text(3), text(4), text(5)});
  return found;
}

std::string Links::holder_at(PlatformId platform, const Fingerprint& key, std::string_view time) {
  const StatementLoan select = connection_.statement(
      "select person from link where platform = ?1 and key = ?2 and since <= ?3 union all "
      "select person from ended_link where platform = ?1 and key = ?2 and since <= ?3 and ended_at > ?3 "
      "limit 1");
  return select->bind(number(platform), key, time).step() ? std::string(select->text(0)) : std::string();
}

std::string Links::ended_holder(PlatformId platform, const Fingerprint& key) {
  const StatementLoan select = connection_.statement(
      "select person from ended_link where platform = ?1 and key = ?2 and why not in (?3, ?4, ?5) order by "
      "ended_at desc limit 1");
  const bool any = select->bind(number(platform), key, parted_by_hand, parted_by_undo, passed_on).step();
  return any ? std::string(select->text(0)) : std::string();
}

void Links::undo_ends(PlatformId platform, const Fingerprint& key) {
  connection_
      .statement(
          "update ended_link set why = ?4 where platform = ?1 and key = ?2 and why not in (?3, ?4, ?5)")
      ->run(number(platform), key, parted_by_hand, parted_by_undo, passed_on);
}

void Links::set_applied(PlatformId platform, std::string_view person, const Fingerprint& wanted) {
  connection_.statement("update link set applied = ?3 where platform = ?1 and person = ?2")
      ->run(number(platform), person, wanted);
}

}  // namespace usher
