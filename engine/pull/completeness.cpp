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
  listing.moved = listing.moved || page.moved;
  listing.accounts = listing.accounts || !page.accounts.empty();
  if (page.total) {
    listing.total_changed = listing.total_changed || (listing.total && *listing.total != *page.total);
    listing.total = page.total;
  }
  if (no_proof_.empty()) no_proof_ = page.no_proof;
  may_be_empty_ = may_be_empty_ || page.may_be_empty;
  may_lose_ = std::min(may_lose_, page.may_lose);
  bad_count_ += page.bad.size();
  for (const BadRecord& record : page.bad) {
    if (bad_.size() < bad_records_kept) bad_.push_back(record);
  }
}

std::string Completeness::objection(std::uint64_t distinct, std::uint64_t repeated) const {
  const auto of_accounts = std::count_if(listings_.begin(), listings_.end(),
                                         [](const auto& named) { return named.second.accounts; });
  for (const auto& [name, listing] : listings_) {
    if (listing.total_changed) return fmt::format("the number of {} changed while they were read", name);
    if (listing.moved)
      return fmt::format("{} moved while they were read: one may have slipped between two pages", name);
    // Where accounts stand in several listings, each counts its own.
    const std::uint64_t seen = listing.accounts && of_accounts == 1 ? distinct : listing.items;
    if (listing.total && *listing.total != seen) {
      return fmt::format("the platform says it has {} {}, {} were read", *listing.total, name, seen);
    }
  }
  if (repeated > 0) return fmt::format("{} accounts were answered more than once", repeated);
  if (bad_count_ > 0) {
    return fmt::format("{} records could not be read, the first at {}: {}", bad_count_, bad_.front().where,
                       bad_.front().why);
  }
  return no_proof_;
}

std::string Completeness::loss(std::uint64_t seen, std::uint64_t before) const {
  if (seen >= before) return {};
  if (seen == 0) {
    return may_be_empty_
               ? std::string()
               : fmt::format("nobody was answered at all, and there were {} accounts before", before);
  }
  const std::uint64_t lost = before - seen;
  const double share = 100.0 * static_cast<double>(lost) / static_cast<double>(before);
  if (lost <= always_lost || share <= may_lose_) return {};
  return fmt::format(
      "it has {} records, and there were {} before: {:.0f} % are missing where {:g} % may be; if "
      "they are right to be missing, raise 'shrink' for one run",
      seen, before, share, may_lose_);
}

bool Completeness::may_be_drift(std::uint64_t repeated) const {
  return repeated > 0 || std::any_of(listings_.begin(), listings_.end(), [](const auto& named) {
           return named.second.total.has_value() || named.second.moved;
         });
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
