#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/desired/planning_input.hpp"
#include "rules/unique_allocator.hpp"
#include "state/store/unique_reservations.hpp"

namespace usher {

/// Answers unique() for people whose choice was made before: what is theirs stays theirs while the rules
/// still offer it. One a thread; the connection must outlive it.
class StickyAllocator : public UniqueAllocator {
 public:
  StickyAllocator(Connection& connection, PlatformId platform) : claims_(connection), platform_(platform) {}

  std::optional<std::size_t> choose(const Person& person, const std::string& attribute,
                                    const Offers& offers) override;

  /// Whether a choice was asked for, since the last call, that is still to be made.
  bool take_open() { return std::exchange(open_, false); }

 private:
  UniqueReservations claims_;
  const PlatformId platform_;
  bool open_ = false;
};

/// Makes the choices of one platform that were not made before, one person after another: what the person's
/// own account holds already, else the first that neither another person was given nor another account holds.
/// The accounts are read once, on construction; memory grows with them (24 bytes an account).
class NewAllocator : public UniqueAllocator {
 public:
  /// attributes: whose values are compared, AccountProgram::unique_attributes() as a rule.
  NewAllocator(const Database& database, Connection& connection, PlatformId platform,
               const std::vector<std::string>& attributes);

  /// The account of the person who is evaluated next; nullopt: none.
  void set_account(std::optional<Fingerprint> account) { account_ = account; }

  std::optional<std::size_t> choose(const Person& person, const std::string& attribute,
                                    const Offers& offers) override;

  /// Whether neither another person than `person` (id) was given the value nor another account holds it.
  bool is_free(std::string_view person, const std::string& attribute, const std::string& value);

  /// Everything that was chosen, to be put into the state.
  const std::vector<UniqueReservation>& claims() const { return chosen_; }

 private:
  struct Held {
    std::uint64_t value;  ///< digest of attribute and value
    Fingerprint account;
  };

  void read_accounts(const Database& database, const std::vector<std::string>& attributes);
  std::uint64_t digest(const std::string& attribute, const std::string& value) const;
  bool is_own(const std::string& attribute, const std::string& value) const;

  const Fingerprinter& fingerprints_;
  UniqueReservations claims_;
  const PlatformId platform_;
  std::optional<Fingerprint> account_;
  std::vector<Held> held_;                                            ///< by value and account
  std::map<std::pair<std::string, std::string>, std::string> given_;  ///< attribute and value -> person, new
  std::vector<UniqueReservation> chosen_;
};

}  // namespace usher
