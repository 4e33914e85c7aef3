#include "rules/cel/value.hpp"

#include <bit>
#include <cmath>
#include <stdexcept>

#include "rules/cel/compare.hpp"

namespace usher::cel {

namespace {

/// Small maps are searched from front to back; above this, by hash.
constexpr std::size_t hashed_above = 8;

std::size_t hash(const Value& key) {
  switch (key.kind()) {
    case Kind::string:
      return std::hash<std::string_view>{}(key.as_string());
    case Kind::boolean:
      return key.as_bool() ? 2 : 1;
    case Kind::unsigned_integer:
      return std::hash<std::uint64_t>{}(key.as_uint());
    case Kind::integer:
      return std::hash<std::uint64_t>{}(static_cast<std::uint64_t>(key.as_int()));
    default:
      return 0;
  }
}

/// 3.0 finds what 3 does; 3.1 finds nothing. No other kind may be a key.
Value canonical_key(const Value& key) {
  if (!key.is_double()) return key;
  const double number = key.as_double();
  if (std::trunc(number) != number) return {};
  if (number >= -0x1p63 && number < 0x1p63) return Value::integer(static_cast<std::int64_t>(number));
  if (number >= 0 && number < 0x1p64) return Value::unsigned_integer(static_cast<std::uint64_t>(number));
  return {};
}

const Value* find_in(const Map& map, const Value& key) {
  if (map.buckets.empty()) {
    for (const Entry& entry : map.entries) {
      if (equal_keys(entry.key, key)) return &entry.value;
    }
    return nullptr;
  }
  const std::size_t mask = map.buckets.size() - 1;
  for (std::size_t i = hash(key) & mask; map.buckets[i] != 0; i = (i + 1) & mask) {
    const Entry& entry = map.entries[map.buckets[i] - 1];
    if (equal_keys(entry.key, key)) return &entry.value;
  }
  return nullptr;
}

}  // namespace

Value Value::bytes(std::string_view octets) {
  Value result = string(octets);
  result.kind_ = Kind::bytes;
  return result;
}

Value Value::timestamp(Moment moment) {
  Value result(Kind::timestamp);
  result.integer_ = moment.seconds;
  result.size_ = moment.nanoseconds;
  return result;
}

Value Value::duration(std::int64_t nanoseconds) {
  Value result(Kind::duration);
  result.integer_ = nanoseconds;
  return result;
}

Value Value::type(std::string_view name) {
  Value result = string(name);
  result.kind_ = Kind::type;
  return result;
}

Value Value::map(const Map& map) {
  Value result(Kind::map);
  result.map_ = &map;
  return result;
}

Value Value::object(const Object& object) {
  Value result(Kind::object);
  result.object_ = &object;
  return result;
}

Value Value::optional(const Value* value) {
  Value result(Kind::optional);
  result.items_ = value;
  return result;
}

Value Value::error(const Failure& failure) {
  Value result(Kind::error);
  result.failure_ = &failure;
  return result;
}

Value Value::error(std::string_view message, Arena& arena) {
  return error(*arena.make(Failure{arena.copy(message), 0, 0}));
}

std::size_t Value::entries() const {
  if (kind_ == Kind::map) return map_->entries.size();
  std::size_t present = 0;
  for (const Value& slot : object_->slots) present += slot.is_absent() ? 0 : 1;
  return present;
}

void Value::refuse_size() {
  throw std::length_error("a value above 4 GiB");
}

const Value* Value::find(const Value& given) const {
  const Value key = canonical_key(given);
  if (kind_ == Kind::map) return find_in(*map_, key);
  if (!key.is_string()) return nullptr;
  const auto slot = object_->type->slot(key.as_string());
  return slot && !object_->slots[*slot].is_absent() ? &object_->slots[*slot] : nullptr;
}

const Map* Map::make(std::span<const Entry> entries, Arena& arena) {
  Map map{entries, {}};
  if (entries.size() <= hashed_above) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (equal_keys(entries[i].key, entries[j].key)) return nullptr;
      }
    }
    return arena.make(map);
  }
  const auto buckets = arena.array<std::uint32_t>(std::bit_ceil(entries.size() * 2));
  const std::size_t mask = buckets.size() - 1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::size_t place = hash(entries[i].key) & mask;
    for (; buckets[place] != 0; place = (place + 1) & mask) {
      if (equal_keys(entries[buckets[place] - 1].key, entries[i].key)) return nullptr;
    }
    buckets[place] = static_cast<std::uint32_t>(i + 1);
  }
  map.buckets = buckets;
  return arena.make(map);
}

}  // namespace usher::cel
