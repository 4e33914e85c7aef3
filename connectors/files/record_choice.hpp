#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/files/source_options.hpp"
#include "rules/cel/value.hpp"

namespace usher {

/// How new a record is: the greater, the newer. Nothing is older than anything else.
struct RecordAge {
  enum class Kind { none, number, date } kind = Kind::none;
  std::string digits = {};  ///< number: without zeros in front
  cel::Moment moment = {};  ///< date: without a time of day midnight, without an offset UTC
};

/// What a text says: a date as ISO 8601 writes it, with or without a time of day, or a whole number; empty:
/// nothing. nullopt: neither.
std::optional<RecordAge> record_age(std::string_view text);

/// Negative, zero or positive as the first is older, as new or newer; nullopt: a date and a number.
std::optional<int> compare(const RecordAge& one, const RecordAge& other);

/// Chooses one of several records that have the same key, in two readings of a file: the first looks at all
/// of them, the second asks which one it is. Holds about 100 bytes a key. Not thread-safe.
class RecordChooser {
 public:
  explicit RecordChooser(RecordChoice choice) : choice_(std::move(choice)) {}

  bool decided() const { return decided_; }
  void decide();

  /// First reading: the next record. attributes: a JSON object.
  void see(std::string_view key, std::string_view attributes);

  enum class Answer { chosen, passed_over, cannot_be_compared };
  /// Second reading, in the same order.
  Answer ask(std::string_view key);

  const RecordChoice& choice() const { return choice_; }

 private:
  struct Best {
    std::uint64_t record = 0;  ///< number in the file, from 1
    RecordAge age;             ///< of the newest so far
    bool several = false;
    bool unclear = false;  ///< one of them says nothing of its age that can be compared with the others'
  };
  static std::pair<std::uint64_t, std::uint64_t> digest(std::string_view key);

  RecordChoice choice_;
  bool decided_ = false;
  std::uint64_t number_ = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Best> best_;
};

}  // namespace usher
