#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/model/link_origin.hpp"
#include "state/store/scan.hpp"

namespace usher {

/// The remembered pair person and account of one platform. A fact: it lives until the account is known to be
/// gone, and is kept as an ended one then, so that whoever gets the account's id later is not taken for the
/// person.
struct Link {
  std::string person;                  ///< id
  std::string account;                 ///< id
  Fingerprint key;                     ///< of the account
  std::optional<Fingerprint> applied;  ///< digest of what was wanted when it was last written or found so
  LinkOrigin how;
  std::string since;  ///< RFC 3339, UTC
};

/// Why a link ended whose account usher deleted.
inline constexpr const char* deleted_by_usher = "was deleted by usher";
/// Why a link ended although its account may live: somebody said so, the run that made it was undone, or the
/// person has another key. Nothing is decided by such an end; only answers about the past know of it.
inline constexpr const char* parted_by_hand = "was parted by hand";
inline constexpr const char* parted_by_undo = "was undone";
inline constexpr const char* passed_on = "was passed on to another key";

/// A link whose account is no more.
struct EndedLink {
  std::string account;
  bool deleted = false;  ///< by usher itself
};

/// A link that there is or was.
struct RememberedLink {
  std::string person, account;
  LinkOrigin how;
  std::string since;
  std::string ended_at, why;  ///< empty: it holds
};

/// The links. Writes join the caller's transaction or are one each, synced.
class Links {
 public:
  explicit Links(Connection& connection) : connection_(connection) {}

  std::optional<Link> of_person(PlatformId platform, std::string_view person);
  std::optional<Link> of_account(PlatformId platform, const Fingerprint& key);
  std::uint64_t count(PlatformId platform);
  bool any(PlatformId platform);
  bool any_ended(PlatformId platform);
  void for_each_by_person(PlatformId platform, const std::function<void(const Link&)>& visit);
  /// Of those made after a time.
  void for_each_since(PlatformId platform, std::string_view since,
                      const std::function<void(const Link&)>& visit);
  void for_each_by_account(PlatformId platform, const std::function<void(const Link&)>& visit);

  /// Who has the accounts whose keys lie in a range, with these keys, by key. Reads no more of a link.
  void for_each_in(PlatformId platform, const KeySlice& slice,
                   const std::function<void(std::string_view person, const Fingerprint& key)>& visit);

  /// The person's link that ended last with its account; nullopt: none did.
  std::optional<EndedLink> last_ended(PlatformId platform, std::string_view person);

  /// Every link of a person or of an account, also those that ended, by beginning. key: of the account;
  /// nullopt: only the person's.
  std::vector<RememberedLink> all_of(PlatformId platform, std::string_view person,
                                     const std::optional<Fingerprint>& key);

  /// Who was linked to the account at a time (RFC 3339, UTC); empty: nobody.
  std::string holder_at(PlatformId platform, const Fingerprint& key, std::string_view time);

  /// Whose the account was by the link that ended last with it; empty: nobody's.
  std::string ended_holder(PlatformId platform, const Fingerprint& key);

  /// Adds, or replaces the one of the same person. Throws StoreError(failed) when another person has the
  /// account: that link must be erased first.
  void put(PlatformId platform, std::span<const Link> links);
  /// Keeps the link as an ended one, with the reason. Does nothing for a person without a link.
  void end(PlatformId platform, std::string_view person, std::string_view why, std::string_view at);
  /// Marks the ends of the account's links as undone: nothing is decided by them any more.
  void undo_ends(PlatformId platform, const Fingerprint& key);
  /// Does nothing for a person without a link.
  void set_applied(PlatformId platform, std::string_view person, const Fingerprint& wanted);

 private:
  Connection& connection_;
};

}  // namespace usher
