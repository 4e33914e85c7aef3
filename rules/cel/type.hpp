#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::cel {

/// What a value is, and what a static type says a value will be. `dyn` and `parameter` are only said of
/// types; `absent` and `error` only of values. As wide as it is so that a Value has no padding and is passed
/// in two registers.
enum class Kind : std::uint32_t {
  absent,
  error,
  null,
  boolean,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  timestamp,
  duration,
  list,
  map,
  object,
  optional,
  type,
  dyn,
  parameter,
};

/// The name CEL gives to values of a kind, as `type(x)` answers: "int", "google.protobuf.Timestamp".
std::string_view type_name(Kind kind);

/// The name people use for a kind in messages: "int", "timestamp", "list".
std::string_view plain_name(Kind kind);

/// A static type: what the checker knows of an expression before anything is evaluated. Immutable; copies
/// share.
class Type {
 public:
  using Field = std::pair<std::string, Type>;

  static Type dyn() { return Type(Kind::dyn); }
  static Type null() { return Type(Kind::null); }
  static Type boolean() { return Type(Kind::boolean); }
  static Type integer() { return Type(Kind::integer); }
  static Type unsigned_integer() { return Type(Kind::unsigned_integer); }
  static Type real() { return Type(Kind::real); }
  static Type string() { return Type(Kind::string); }
  static Type bytes() { return Type(Kind::bytes); }
  static Type timestamp() { return Type(Kind::timestamp); }
  static Type duration() { return Type(Kind::duration); }
  static Type type() { return Type(Kind::type); }
  static Type list(Type element);
  static Type map(Type key, Type value);
  static Type optional(Type value);
  /// A closed set of named fields: reading any other is a mistake. Fields are kept sorted by name; the
  /// position of a field is its slot. Throws std::invalid_argument when a name comes twice.
  static Type object(std::vector<Field> fields);
  /// A type variable of a function's signature: `A` in `list(A)`.
  static Type parameter(char name);

  Kind kind() const { return kind_; }
  bool is_dyn() const { return kind_ == Kind::dyn; }
  /// Of list and optional: what they hold. Of map: what its keys are. Dyn for every other type.
  const Type& element() const { return at(0); }
  /// Of map: what its values are; of object: their common type. Dyn for every other type.
  Type value() const;
  /// Of a type variable: its letter.
  char letter() const { return letter_; }

  /// Fields of an object in the order of their slots; empty for every other type.
  const std::vector<Field>& fields() const;
  /// Whether JSON writes the names of all fields as they are: none has a quote, backslash or control
  /// character.
  bool has_plain_names() const;
  std::optional<std::uint32_t> slot(std::string_view field) const;

  /// As people write it: `list(string)`, `map(string, dyn)`.
  std::string to_string() const;
  /// Whether a value of type `other` may stand where this type is asked for. `dyn` may stand everywhere.
  bool accepts(const Type& other) const;
  /// Whether every value of this type is known to be of exactly that shape: no `dyn` anywhere inside.
  bool is_certain() const;
  /// The narrowest type that accepts both.
  static Type join(const Type& left, const Type& right);

  bool operator==(const Type& other) const;
  /// Whether both are copies of one type: a test of two pointers, that may say no of equal types.
  bool shares(const Type& other) const { return kind_ == other.kind_ && shape_ == other.shape_; }
  /// The same for all copies of an object's type and for no other type that lives; null for what has no
  /// parts.
  const void* identity() const { return shape_.get(); }

 private:
  struct Shape;

  explicit Type(Kind kind) : kind_(kind) {}
  const Type& at(std::size_t index) const;

  Kind kind_;
  char letter_ = 0;
  std::shared_ptr<const Shape> shape_;
};

}  // namespace usher::cel
