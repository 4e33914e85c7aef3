#include "rules/cel/plain_json.hpp"

#include <simdjson.h>

#include <charconv>
#include <cstring>

#include "rules/cel/compare.hpp"

namespace usher::cel {

namespace {

/// Eight bytes at a time are looked at, beyond the end as well.
constexpr std::size_t padding = 8;

constexpr std::uint64_t every(std::uint8_t byte) {
  return 0x0101010101010101ULL * byte;
}

/// The high bit of each byte that ends plain text: a quote, a backslash or a control character. Bits above
/// the lowest one set may be wrong.
std::uint64_t ends(std::uint64_t word) {
  auto zeros = [](std::uint64_t x) { return (x - every(0x01)) & ~x; };
  const std::uint64_t below_space = (word - every(0x20)) & ~word;
  return (zeros(word ^ every('"')) | zeros(word ^ every('\\')) | below_space) & every(0x80);
}

class Scanner {
 public:
  Scanner(const char* begin, const char* end) : next_(begin), end_(end) {}

  bool done() const { return next_ == end_; }
  bool skip(char c) {
    if (*next_ != c) return false;
    ++next_;
    return true;
  }
  bool skip(std::string_view word) {
    if (static_cast<std::size_t>(end_ - next_) < word.size()) return false;
    if (std::memcmp(next_, word.data(), word.size()) != 0) return false;
    next_ += word.size();
    return true;
  }

  /// A key and its colon, where it is this one.
  bool skip_key(std::string_view name) {
    const std::size_t size = name.size() + 3;
    if (static_cast<std::size_t>(end_ - next_) < size) return false;
    if (next_[0] != '"' || next_[size - 2] != '"' || next_[size - 1] != ':') return false;
    if (!same_text({next_ + 1, name.size()}, name)) return false;
    next_ += size;
    return true;
  }

  /// What stands between two quotes; nothing where it holds an escape or does not end.
  std::optional<std::string_view> text() {
    if (!skip('"')) return std::nullopt;
    const char* const begin = next_;
    for (;; next_ += 8) {
      if (next_ >= end_) return std::nullopt;
      std::uint64_t word = 0;
      std::memcpy(&word, next_, 8);
      if (const std::uint64_t found = ends(word); found != 0) {
        next_ += __builtin_ctzll(found) / 8;
        break;
      }
    }
    if (next_ >= end_ || *next_ != '"') return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(next_++ - begin));
  }

  std::optional<Value> value() {
    switch (*next_) {
      case '"':
        if (const auto found = text()) return Value::string(*found);
        return std::nullopt;
      case 't':
        return skip("true") ? std::optional(Value::boolean(true)) : std::nullopt;
      case 'f':
        return skip("false") ? std::optional(Value::boolean(false)) : std::nullopt;
      case 'n':
        return skip("null") ? std::optional(Value::null()) : std::nullopt;
      default:
        return number();
    }
  }

 private:
  /// Only what is an int in any reader: no leading zero, no "-0", fraction or exponent.
  std::optional<Value> number() {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(next_, end_, number);
    const char* const digits = *next_ == '-' ? next_ + 1 : next_;
    if (error != std::errc() || end == end_ || (*end != ',' && *end != '}')) return std::nullopt;
    if (*digits == '0' && (end - digits > 1 || digits != next_)) return std::nullopt;
    next_ = end;
    return Value::integer(number);
  }

  const char* next_;
  const char* end_;
};

/// Fills slots from a text that has been copied to the arena.
bool fill(Scanner scanner, const Type& type, std::span<Value> slots) {
  const auto& fields = type.fields();
  const bool plain_names = type.has_plain_names();
  std::size_t next = 0;
  if (!scanner.skip('{')) return false;
  if (scanner.skip('}')) return scanner.done();
  do {
    if (plain_names && next < fields.size() && scanner.skip_key(fields[next].first)) {
      const auto value = scanner.value();
      if (!value) return false;
      slots[next++] = *value;
      continue;
    }
    const auto key = scanner.text();
    if (!key || !scanner.skip(':')) return false;
    const auto value = scanner.value();
    if (!value) return false;
    while (next < fields.size() && fields[next].first < *key) ++next;
    if (next < fields.size() && fields[next].first == *key) {
      slots[next++] = *value;
    } else if (const auto slot = type.slot(*key)) {
      slots[*slot] = *value;
    }
  } while (scanner.skip(','));
  return scanner.skip('}') && scanner.done();
}

}  // namespace

std::optional<Value> plain_object_from_json(std::string_view json, const Type& object, Arena& arena) {
  if (!simdjson::validate_utf8(json.data(), json.size())) return std::nullopt;
  const auto slots = arena.array<Value>(object.fields().size());
  char* const text = arena.text(json.size() + padding);
  std::memcpy(text, json.data(), json.size());
  std::memset(text + json.size(), 0, padding);
  if (!fill(Scanner(text, text + json.size()), object, slots)) return std::nullopt;
  return Value::object(*arena.make(Object{&object, slots}));
}

}  // namespace usher::cel
