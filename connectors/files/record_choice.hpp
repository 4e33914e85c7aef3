#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/files/source_options.hpp"

namespace usher {

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
    std::string age;           ///< greater is newer
    bool several = false;
    bool unclear = false;  ///< one of them says nothing of its age that can be compared
  };
  static std::pair<std::uint64_t, std::uint64_t> digest(std::string_view key);

  RecordChoice choice_;
  bool decided_ = false;
  std::uint64_t number_ = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Best> best_;
};

/// A text that compares as what it says: a date as ISO 8601 writes it, or a whole number; empty is oldest.
/// nullopt: neither.
std::optional<std::string> comparable_age(std::string_view text);

}  // namespace usher
