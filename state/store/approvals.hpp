#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "state/store/database.hpp"

namespace usher {

/// That a person admits, for a time, operations that a guard holds.
struct Approval {
  std::int64_t id = 0;
  std::vector<std::string> lanes;  ///< "iot.removals", "iot.disable": where it admits them
  std::string plan;                ///< digest of the plan that held them
  std::string given_at;            ///< RFC 3339, UTC
  std::string until;               ///< RFC 3339, UTC: from then on it admits nothing
  std::string actor;               ///< user@host
  std::string reason;
  std::string revoked_at = {};            ///< empty: never
  std::uint64_t operations = 0;           ///< how many it admits or admitted
  std::uint64_t done = 0;                 ///< how many of them were done under it: it admits each once
  std::vector<std::string> signers = {};  ///< who signed it, where that is asked for; not read from the state

  bool holds(std::string_view now) const { return revoked_at.empty() && until > now; }
  bool is_for(const std::string& lane) const;
  /// "approval 3 by ada@host until …: reason"; with signers also "; signed by ada and grace".
  std::string text() const;
  /// Whether what text() said of an approval is of this one, whoever signed it then.
  bool is_told_by(std::string_view text) const;

 private:
  std::string told() const;  // without signers
};

/// Somebody's signature of what an approval says.
struct ApprovalSignature {
  std::string principal;  ///< who signed, when it was given
  std::string signature;  ///< as ssh-keygen writes it
  std::string given_at;   ///< RFC 3339, UTC
  std::string actor;      ///< user@host who brought it
};

/// One operation that an approval admits.
struct ApprovedOperation {
  std::string digest;        ///< approval_digest() of it
  std::string does;          ///< for people
  std::string done_at = {};  ///< RFC 3339, UTC; empty: not yet
};

/// What the record of the run that gave an approval says of the operations it admits: a digest of all.
std::string digest_of_admitted(std::span<const ApprovedOperation> operations);

/// The approvals and their signatures. Facts: revoked, never erased. Writes join the caller's transaction or
/// are one each, synced.
class Approvals {
 public:
  explicit Approvals(Connection& connection) : connection_(connection) {}

  /// Answers the id it gets; that of `approval`, its revocation and its count are not read.
  std::int64_t give(const Approval& approval, std::span<const ApprovedOperation> operations);
  /// Whether there was one that was not revoked yet.
  bool revoke(std::int64_t id, std::string_view at);
  /// Newest first, revoked and expired ones included.
  std::vector<Approval> all();
  std::optional<Approval> find(std::int64_t id);
  /// What an approval admits, in the order of the digests.
  std::vector<ApprovedOperation> operations_of(std::int64_t id);
  /// One more signature.
  void sign(std::int64_t id, const ApprovalSignature& signature);
  /// In the order they were given.
  std::vector<ApprovalSignature> signatures_of(std::int64_t id);
  /// Those that hold as of `now` (RFC 3339), by the digests they admit, of one digest the oldest first.
  /// done_too: also what was done under them already.
  std::multimap<std::string, Approval> holding(std::string_view now, bool done_too = false);
  /// What admits an operation (approval_digest()) admits it no more.
  void mark_done(std::string_view operation, std::string_view at);

 private:
  Connection& connection_;
};

}  // namespace usher
