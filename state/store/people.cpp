#include "state/store/people.hpp"

#include <algorithm>

#include "state/store/database.hpp"
#include "state/store/links.hpp"
#include "state/store/snapshots.hpp"

namespace usher {

namespace {

PersonRow person(const Statement& row) {
  return {row.fingerprint(0),       std::string(row.text(1)), row.fingerprint(2),      row.integer(3) != 0,
          std::string(row.text(4)), std::string(row.text(5)), std::string(row.text(6))};
}

}  // namespace

void People::clear() {
  connection_.statement("delete from person")->run();
}

void People::put(std::span<const PersonRow> people) {
  Transaction transaction(connection_, Durability::lazy);
  {
    const StatementLoan insert =
        connection_.statement("insert or replace into person values (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    for (const PersonRow& row : people)
      insert->run(row.key, row.id, row.record, row.active, row.error, row.became, row.turns_at);
  }
  transaction.commit();
}

void People::erase(std::span<const Fingerprint> keys) {
  Transaction transaction(connection_, Durability::lazy);
  for (const Fingerprint& key : keys) connection_.statement("delete from person where key = ?1")->run(key);
  transaction.commit();
}

std::optional<PersonRow> People::find(const Fingerprint& key) {
  const StatementLoan select = connection_.statement(
      "select key, id, record, active, error, became, turns_at from person where key = ?1");
  if (!select->bind(key).step()) return std::nullopt;
  return person(*select);
}

std::vector<PersonRow> People::turned_by(const std::string& time) {
  std::vector<PersonRow> turned;
  const StatementLoan select = connection_.statement(
      "select key, id, record, active, error, became, turns_at from person "
      "where turns_at != '' and turns_at <= ?1 order by key");
  select->bind(time);
  while (select->step()) turned.push_back(person(*select));
  return turned;
}

std::uint64_t People::count() {
  const StatementLoan select = connection_.statement("select count(*) from person");
  select->step();
  return static_cast<std::uint64_t>(select->integer(0));
}

void People::for_each_in(const KeySlice& slice, const std::function<void(const PersonRow&)>& visit) {
  Statement select = connection_.prepare(
      "select key, id, record, active, error, became, turns_at from person "
      "where key between ?1 and ?2 order by key");
  select.bind(slice.first, slice.last);
  PersonRow row;  // one for all: its texts keep their memory
  while (select.step()) {
    row.key = select.fingerprint(0);
    row.id = select.text(1);
    row.record = select.fingerprint(2);
    row.active = select.integer(3) != 0;
    row.error = select.text(4);
    row.became = select.text(5);
    row.turns_at = select.text(6);
    visit(row);
  }
}

void People::for_each(const std::function<void(const PersonRow&)>& visit) {
  for_each_in(key_slices(1).front(), visit);
}

bool is_somebody(Database& database, const std::string& person) {
  Connection& connection = database.connection();
  if (People(connection).find(database.fingerprints().of_person(person))) return true;
  const auto platforms = Snapshots(connection).platforms();
  return std::ranges::any_of(platforms, [&](const PlatformState& platform) {
    return Links(connection).of_person(platform.platform, person).has_value();
  });
}

}  // namespace usher
