#include "state/store/unique_reservations.hpp"

#include <fmt/format.h>

#include "state/store/rows.hpp"

namespace usher {

std::optional<std::string> UniqueReservations::value(PlatformId platform, std::string_view attribute,
                                                     std::string_view person) {
  const StatementLoan select =
      connection_.statement("select value from claim where platform = ?1 and person = ?2 and attribute = ?3");
  if (!select->bind(number(platform), person, attribute).step()) return std::nullopt;
  return std::string(select->text(0));
}

std::optional<std::string> UniqueReservations::holder(PlatformId platform, std::string_view attribute,
                                                      std::string_view value) {
  const StatementLoan select =
      connection_.statement("select person from claim where platform = ?1 and attribute = ?2 and value = ?3");
  if (!select->bind(number(platform), attribute, value).step()) return std::nullopt;
  return std::string(select->text(0));
}

void UniqueReservations::put(PlatformId platform, std::span<const UniqueReservation> claims) {
  Transaction transaction(connection_);
  for (const UniqueReservation& claim : claims) {
    const auto held_by = holder(platform, claim.attribute, claim.value);
    if (held_by && *held_by != claim.person) {
      throw StoreError(StoreErrorKind::failed,
                       fmt::format("{} {} is held by '{}' and cannot be given to '{}'", claim.attribute,
                                   claim.value, *held_by, claim.person));
    }
    connection_.statement("insert or replace into claim values (?1, ?2, ?3, ?4)")
        ->run(number(platform), claim.attribute, claim.value, claim.person);
  }
  transaction.commit();
}

void UniqueReservations::free_abandoned(PlatformId platform) {
  connection_
      .statement(
          "delete from claim where platform = ?1 and person not in (select id from person)"
          " and person not in (select person from link where platform = ?1)")
      ->run(number(platform));
}

}  // namespace usher
