#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "rules/cel/arena.hpp"
#include "rules/cel/type.hpp"

namespace usher::cel {

class Value;
struct Entry;
struct Map;
struct Object;

/// A point in time: seconds since 1970-01-01T00:00:00Z and 0 to 999 999 999 nanoseconds after them. CEL knows
/// the years 1 to 9999.
struct Moment {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  auto operator<=>(const Moment&) const = default;
};

/// Why an evaluation has no result, and the part of the source it came from.
struct Failure {
  std::string_view message;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
};

/// A CEL value: 16 bytes, trivially copyable. Text, lists and maps live in an Arena, in a Program's constants
/// or in memory of the caller, and must outlive the value. An error is a value too; `absent` is what a field
/// holds that its object lacks. Text must be valid UTF-8 and below 4 GiB.
class Value {
 public:
  Value() = default;

  static Value null() { return Value(Kind::null); }
  static Value boolean(bool value) {
    Value result(Kind::boolean);
    result.boolean_ = value;
    return result;
  }
  static Value integer(std::int64_t value) {
    Value result(Kind::integer);
    result.integer_ = value;
    return result;
  }
  static Value unsigned_integer(std::uint64_t value) {
    Value result(Kind::unsigned_integer);
    result.unsigned_ = value;
    return result;
  }
  static Value real(double value) {
    Value result(Kind::real);
    result.real_ = value;
    return result;
  }
  static Value string(std::string_view text) {
    Value result(Kind::string);
    result.text_ = text.data();
    result.size_ = checked_size(text.size());
    return result;
  }
  static Value bytes(std::string_view octets);
  static Value timestamp(Moment moment);
  /// `nanoseconds` may be negative: about ±292 years.
  static Value duration(std::int64_t nanoseconds);
  /// A type as a value, by its formal name ("int", "google.protobuf.Timestamp").
  static Value type(std::string_view name);
  static Value list(std::span<const Value> items) {
    Value result(Kind::list);
    result.items_ = items.data();
    result.size_ = checked_size(items.size());
    return result;
  }
  static Value map(const Map& map);
  static Value object(const Object& object);
  /// An optional that holds `value`, or nothing when null.
  static Value optional(const Value* value);
  static Value error(const Failure& failure);
  static Value error(std::string_view message, Arena& arena);

  Kind kind() const { return kind_; }
  bool is_absent() const { return kind_ == Kind::absent; }
  bool is_error() const { return kind_ == Kind::error; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_bool() const { return kind_ == Kind::boolean; }
  bool is_int() const { return kind_ == Kind::integer; }
  bool is_uint() const { return kind_ == Kind::unsigned_integer; }
  bool is_double() const { return kind_ == Kind::real; }
  bool is_number() const { return is_int() || is_uint() || is_double(); }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_list() const { return kind_ == Kind::list; }
  /// Maps and objects alike.
  bool is_map() const { return kind_ == Kind::map || kind_ == Kind::object; }
  bool is_true() const { return kind_ == Kind::boolean && boolean_; }

  // What a value holds. Each asks that the value is of that kind.
  bool as_bool() const { return boolean_; }
  std::int64_t as_int() const { return integer_; }
  std::uint64_t as_uint() const { return unsigned_; }
  double as_double() const { return real_; }
  /// Of strings, bytes and types.
  std::string_view as_string() const { return {text_, size_}; }
  Moment as_timestamp() const { return {integer_, size_}; }
  std::int64_t as_duration() const { return integer_; }
  std::span<const Value> as_list() const { return {items_, size_}; }
  /// Null when the optional holds nothing.
  const Value* as_optional() const { return items_; }
  const Failure& as_error() const { return *failure_; }
  std::string_view error_message() const { return failure_->message; }
  const Object& as_object() const { return *object_; }

  /// How many entries a list, map or object has, how many bytes a text has; 0 for all else.
  std::size_t size() const {
    if (kind_ == Kind::string || kind_ == Kind::bytes || kind_ == Kind::list) return size_;
    return is_map() ? entries() : 0;
  }
  /// What a map or object has under `key` (1, 1u and 1.0 are one key), null when nothing.
  const Value* find(const Value& key) const;
  const Value* find(std::string_view key) const { return find(string(key)); }
  /// Calls `visit(key, value)` for each entry of a map or object until it answers false; false if it did.
  template <typename Visit>
  bool each_entry(Visit&& visit) const;

 private:
  explicit Value(Kind kind) : kind_(kind) {}
  std::size_t entries() const;

  /// Throws std::length_error above 4 GiB.
  static std::uint32_t checked_size(std::size_t size) {
    if (size > UINT32_MAX) [[unlikely]]
      refuse_size();
    return static_cast<std::uint32_t>(size);
  }
  [[noreturn]] static void refuse_size();

  Kind kind_ = Kind::absent;
  std::uint32_t size_ = 0;  // bytes of a text, items of a list, nanoseconds of a timestamp
  union {
    bool boolean_;
    std::int64_t integer_ = 0;
    std::uint64_t unsigned_;
    double real_;
    const char* text_;
    const Value* items_;
    const Map* map_;
    const Object* object_;
    const Failure* failure_;
  };
};

static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

struct Entry {
  Value key, value;
};

/// Entries in the order they were written, found by hash where there are many.
struct Map {
  std::span<const Entry> entries;
  std::span<const std::uint32_t> buckets;  // positions in `entries` plus one; a power of two, or empty

  /// A map over `entries`, which must stay where they are; nothing when a key comes twice. Keys must be of
  /// kind bool, int, uint or string.
  static const Map* make(std::span<const Entry> entries, Arena& arena);
};

/// The fields of `type` in the order of their slots, absent where it has none. The type must outlive the
/// object.
struct Object {
  const Type* type;
  std::span<const Value> slots;
};

/// Reads JSON text. Integers become int (uint above the range of int), other numbers double. Malformed text
/// gives an error value.
Value from_json(std::string_view json, Arena& arena);
template <std::same_as<nlohmann::json> Json>
Value from_json(const Json& json, Arena& arena);

/// Reads a JSON object into the slots of `object`, which must outlive the value: a field the JSON lacks is
/// absent, a field the type lacks is passed over. Fastest where the JSON has its keys sorted. A value of
/// another kind than its field's type is kept as it is: what reads it fails. Malformed text gives an error
/// value.
Value object_from_json(std::string_view json, const Type& object, Arena& arena);

/// Timestamps become RFC 3339 text, durations seconds as in `"3.5s"`, bytes base64, types their name, an
/// optional what it holds or null. Throws std::invalid_argument for an error value.
nlohmann::json to_json(const Value& value);
/// The same as canonical text: keys sorted, no spaces, numbers as nlohmann::json writes them. Appends to
/// `out`.
void append_json(const Value& value, std::string& out);

template <typename Visit>
bool Value::each_entry(Visit&& visit) const {
  if (kind_ == Kind::map) {
    for (const Entry& entry : map_->entries) {
      if (!visit(entry.key, entry.value)) return false;
    }
    return true;
  }
  const auto& fields = object_->type->fields();
  for (std::size_t slot = 0; slot < fields.size(); ++slot) {
    const Value& held = object_->slots[slot];
    if (!held.is_absent() && !visit(string(fields[slot].first), held)) return false;
  }
  return true;
}

}  // namespace usher::cel
