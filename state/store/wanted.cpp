#include "state/store/wanted.hpp"

namespace usher {

namespace {

std::int64_t number(PlatformId platform) {
  return static_cast<std::int64_t>(platform);
}

}  // namespace

void Wanted::clear(PlatformId platform) {
  connection_.statement("delete from wanted where platform = ?1")->run(number(platform));
}

void Wanted::put(PlatformId platform, std::span<const WantedRow> rows) {
  Transaction transaction(connection_, Durability::lazy);
  {
    const StatementLoan insert = connection_.statement(
        "insert into wanted (platform, key, person, state, digest, settled) values (?1, ?2, ?3, ?4, ?5, ?6) "
        "on conflict do update set settled = coalesce(excluded.settled, case when person = excluded.person "
        "and state = excluded.state and digest = excluded.digest then settled end), "
        "person = excluded.person, state = excluded.state, digest = excluded.digest");
    for (const WantedRow& row : rows)
      insert->run(number(platform), row.key, row.person, static_cast<int>(row.state), row.digest,
                  row.settled);
  }
  transaction.commit();
}

void Wanted::erase(PlatformId platform, std::span<const Fingerprint> keys) {
  Transaction transaction(connection_, Durability::lazy);
  for (const Fingerprint& key : keys)
    connection_.statement("delete from wanted where platform = ?1 and key = ?2")->run(number(platform), key);
  transaction.commit();
}

void Wanted::set_settled(PlatformId platform, std::span<const Settled> settled) {
  Transaction transaction(connection_, Durability::lazy);
  {
    const StatementLoan update =
        connection_.statement("update wanted set settled = ?3 where platform = ?1 and key = ?2");
    for (const Settled& pair : settled) update->run(number(platform), pair.key, pair.account);
  }
  transaction.commit();
}

std::optional<WantedRow> Wanted::find(PlatformId platform, const Fingerprint& key) {
  const StatementLoan select = connection_.statement(
      "select key, person, state, digest, settled from wanted where platform = ?1 and key = ?2");
  if (!select->bind(number(platform), key).step()) return std::nullopt;
  WantedRow row{select->fingerprint(0), select->fingerprint(1), static_cast<WantedState>(select->integer(2)),
                select->fingerprint(3), std::nullopt};
  if (!select->null(4)) row.settled = select->fingerprint(4);
  return row;
}

std::uint64_t Wanted::count(PlatformId platform) {
  const StatementLoan select = connection_.statement("select count(*) from wanted where platform = ?1");
  select->bind(number(platform)).step();
  return static_cast<std::uint64_t>(select->integer(0));
}

}  // namespace usher
