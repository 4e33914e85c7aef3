#include "engine/pull/listing_bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace usher {

namespace {

constexpr std::uint64_t most_stale_pages = 20;
constexpr std::uint64_t most_useless_pages = 1000;
constexpr std::uint64_t first_room = 4096;

Failure endless(std::string why) {
  return {.kind = FailureKind::malformed, .message = std::move(why)};
}

}  // namespace

bool ListingBounds::Seen::add(std::string_view text) {
  const std::uint64_t hash = std::hash<std::string_view>{}(text);
  const std::uint64_t other = (hash >> 32 | hash << 32) * 0x9E3779B97F4A7C15;
  const auto bit = [](const Layer& layer, std::uint64_t mark) { return mark % (layer.bits.size() * 64); };
  const auto has = [&](const Layer& layer, std::uint64_t mark) {
    return (layer.bits[bit(layer, mark) / 64] >> (bit(layer, mark) % 64) & 1) != 0;
  };
  const bool known = std::any_of(layers_.begin(), layers_.end(),
                                 [&](const Layer& layer) { return has(layer, hash) && has(layer, other); });
  if (known) return false;
  if (layers_.empty() || layers_.back().room == 0) {
    const std::uint64_t room = layers_.empty() ? first_room : layers_.back().bits.size() * 8 * 2;
    layers_.push_back({std::vector<std::uint64_t>(room / 8), room});  // eight bits each
  }
  Layer& layer = layers_.back();
  --layer.room;
  for (const std::uint64_t mark : {hash, other})
    layer.bits[bit(layer, mark) / 64] |= std::uint64_t{1} << (bit(layer, mark) % 64);
  return true;
}

bool ListingBounds::brings_something(const Page& page) {
  bool fresh = false;
  for (const Account& one : page.accounts) fresh |= seen_.add(one.id);
  for (const Entitlement& one : page.entitlements) fresh |= seen_.add(one.kind + '\n' + one.id);
  for (const Membership& one : page.memberships)
    fresh |= seen_.add(one.account + '\n' + one.kind + '\n' + one.entitlement);
  return fresh;
}

std::optional<Failure> ListingBounds::add(const Page& page) {
  if (page.items == 0) return std::nullopt;
  std::uint64_t& items = items_[page.listing];
  items += page.items;
  if (page.total && items / 10 > *page.total + 100) {
    return endless(fmt::format("{} do not end: {} were answered, and there {} {}", page.listing, items,
                               *page.total == 1 ? "is" : "are", *page.total));
  }
  if (page.accounts.empty() && page.entitlements.empty() && page.memberships.empty()) {
    if (++useless_ < most_useless_pages) return std::nullopt;
    return endless(fmt::format("{}: nothing on {} pages in a row could be read", page.listing, useless_));
  }
  useless_ = 0;
  stale_ = brings_something(page) ? 0 : stale_ + 1;
  if (stale_ < most_stale_pages) return std::nullopt;
  return endless(fmt::format("{} do not end: {} pages in a row brought nothing new", page.listing, stale_));
}

}  // namespace usher
