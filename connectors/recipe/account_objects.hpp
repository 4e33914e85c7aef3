#pragma once

#include <memory>
#include <optional>
#include <string>

#include "connectors/account_reader.hpp"
#include "connectors/recipe/listing.hpp"
#include "connectors/recipe/platform.hpp"

namespace usher::recipe {

/// Reads accounts out of the objects a platform answers, and says what of them cannot be read.
/// Threads: constant after construction. The platform must outlive it.
class AccountObjects {
 public:
  explicit AccountObjects(const RecipePlatform& platform);

  const AccountReader& reader() const { return reader_; }

  /// The account in a reply that holds it alone. What of its attributes cannot be read it goes without:
  /// `unreadable` says so. marked: the same object where repairs are marked; null: nothing was repaired.
  Outcome<Account> read_alone(const simdjson::dom::element& object, const simdjson::dom::element* marked,
                              const Reply& reply, std::string& unreadable) const;

  /// What of an account on a page of a listing is not as the platform wrote it.
  std::optional<AccountReader::Wrong> difference(const Listing& listing, const ListingPage& page,
                                                 std::size_t number, Account& account) const;

  /// The natural key as text; empty: it has none.
  std::string key_of(const Account& account) const;

  /// How an account stands to the natural key that was asked for; alike: equal but for capitals, blanks at
  /// the ends or composed letters.
  enum class Likeness { same, alike, none };
  Likeness likeness_of(const Account& account, const std::string& key) const;

 private:
  const RecipePlatform& platform_;
  const AccountReader reader_;
};

}  // namespace usher::recipe
