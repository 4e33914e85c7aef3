#include "engine/pull/completeness.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace usher {

namespace {
constexpr std::size_t bad_records_kept = 100;
constexpr std::uint64_t always_lost = 5;  // leavers of a small organisation are a large share of it
}  // namespace

void Completeness::add(const Page& page) {
  ++pages_;
  Listing& listing = listings_[page.listing];
  alone_ += page.alone;
  listing.items += page.items;
  listing.bad += page.bad.size();
  listing.vanished += page.vanished.size();
  listing.accounts = listing.accounts || !page.accounts.empty();
  listing.permanent = listing.permanent || page.permanent;
  if (moved_.empty() && !page.moved.empty()) {
    moved_listing_ = page.listing;
    moved_ = page.listing + ": " + page.moved;
  }
  if (listing.no_total.empty()) listing.no_total = page.no_total;
  if (page.total) {
    listing.total_changed = listing.total_changed || (listing.total && *listing.total != *page.total);
    listing.total = page.total;
  }
  if (no_proof_.empty()) no_proof_ = page.no_proof;
  may_be_empty_ = may_be_empty_ || page.may_be_empty;
  may_lose_ = std::min(may_lose_, page.may_lose);
  if (vanished_ == 0 && !page.vanished.empty()) first_vanished_ = page.vanished.front();
  vanished_ += page.vanished.size();
  bad_count_ += page.bad.size();
  for (const BadRecord& record : page.bad) {
    if (bad_.size() < bad_records_kept) bad_.push_back(record);
  }
  remarks_.insert(remarks_.end(), page.remarks.begin(), page.remarks.end());
}

void Completeness::repeated(std::uint64_t count, std::string first) {
  if (repeated_ == 0) first_repeated_ = std::move(first);
  repeated_ += count;
}

// Where accounts stand in several listings, each counts its own.
bool Completeness::alone_with_accounts(const Listing& listing) const {
  return listing.accounts && std::count_if(listings_.begin(), listings_.end(),
                                           [](const auto& named) { return named.second.accounts; }) == 1;
}

std::string Completeness::wrong_number(const std::string& name, const Listing& listing,
                                       std::uint64_t distinct) const {
  if (!listing.total) {
    if (listing.no_total.empty()) return {};
    return fmt::format("nothing says how many {} there are: {}", name, listing.no_total);
  }
  const std::uint64_t seen =
      alone_with_accounts(listing) ? distinct + listing.bad + listing.vanished : listing.items;
  if (*listing.total == seen) return {};
  return fmt::format("the platform says it has {} {}, {} {} read", *listing.total, name, seen,
                     seen == 1 ? "was" : "were");
}

std::string Completeness::objection(const Counts& counts) const {
  if (bad_count_ > 0) {
    return fmt::format("{} could not be read, the first at {}: {}",
                       bad_count_ == 1 ? "one record" : fmt::format("{} records", bad_count_),
                       bad_.front().where, bad_.front().why);
  }
  for (const auto& [name, listing] : listings_) {
    if (listing.total_changed) return fmt::format("the number of {} changed while they were read", name);
  }
  if (!moved_.empty()) return moved_;
  for (const auto& [name, listing] : listings_) {
    if (std::string wrong = wrong_number(name, listing, counts.distinct); !wrong.empty()) return wrong;
  }
  if (counts.repeated > 0)
    return fmt::format("{} answered more than once", counts.repeated == 1
                                                         ? "one account was"
                                                         : fmt::format("{} accounts were", counts.repeated));
  if (repeated_ > 0) {
    return fmt::format("{} answered more than once, the first {}: another may be missing in its place",
                       repeated_ == 1 ? "one was" : fmt::format("{} were", repeated_), first_repeated_);
  }
  if (vanished_ > 0) {
    return fmt::format("{} listed and not found when asked for alone, the first '{}'",
                       vanished_ == 1 ? "one account is" : fmt::format("{} accounts are", vanished_),
                       first_vanished_);
  }
  return no_proof_;
}

std::string Completeness::loss(std::uint64_t seen, std::uint64_t before) const {
  if (seen >= before) return {};
  if (seen == 0) {
    return may_be_empty_
               ? std::string()
               : fmt::format("nobody was answered at all, and there {} before",
                             before == 1 ? "was 1 account" : fmt::format("were {} accounts", before));
  }
  const std::uint64_t lost = before - seen;
  const double share = 100.0 * static_cast<double>(lost) / static_cast<double>(before);
  if (lost <= always_lost || share <= may_lose_) return {};
  return fmt::format(
      "it has {}, and there were {} before: {:.0f} % are missing where {:g} % may be; if "
      "they are right to be missing, raise 'shrink' for one run",
      seen == 1 ? "1 record" : fmt::format("{} records", seen), before, share, may_lose_);
}

bool Completeness::may_be_drift(const Counts& counts) const {
  if (bad_count_ > 0) return false;
  if (counts.repeated > 0 || repeated_ > 0 || vanished_ > 0 || !moved_.empty()) return true;
  return std::any_of(listings_.begin(), listings_.end(), [&](const auto& named) {
    const Listing& listing = named.second;
    return listing.total_changed ||
           (listing.total && !wrong_number(named.first, listing, counts.distinct).empty());
  });
}

bool Completeness::counts_prove(const Counts& counts) const {
  if (bad_count_ > 0 || repeated_ > 0 || vanished_ > 0 || !no_proof_.empty()) return false;
  bool proven = false;
  for (const auto& [name, listing] : listings_) {
    if (listing.total_changed) return false;
    if (listing.accounts) {
      if (!listing.permanent || !alone_with_accounts(listing) || listing.total != counts.distinct)
        return false;
      proven = true;
    } else if (!wrong_number(name, listing, 0).empty()) {
      return false;
    }
  }
  // What did not fit together must have been the accounts.
  return proven && (moved_.empty() || listings_.at(moved_listing_).accounts);
}

bool Completeness::permanent() const {
  return std::any_of(listings_.begin(), listings_.end(),
                     [](const auto& named) { return named.second.permanent; });
}

std::optional<std::uint64_t> Completeness::total() const {
  std::optional<std::uint64_t> sum;
  for (const auto& [name, listing] : listings_) {
    if (!listing.accounts) continue;
    if (!listing.total) return std::nullopt;
    sum = sum.value_or(0) + *listing.total;
  }
  return sum;
}

}  // namespace usher
