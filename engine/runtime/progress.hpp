#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher {

/// Told how far a stage is. Calls come from any thread; implementations are cheap and never throw.
class Progress {
 public:
  virtual ~Progress() = default;
  /// stage: "pull iot", "desire", "diff iot", "apply iot". done counts items; total where it is known.
  virtual void advance(std::string_view stage, std::uint64_t done, std::optional<std::uint64_t> total) = 0;
  /// The stage ended; done is final.
  virtual void finish(std::string_view stage, std::uint64_t done) = 0;
};

/// Tells nobody.
class NoProgress final : public Progress {
 public:
  void advance(std::string_view, std::uint64_t, std::optional<std::uint64_t>) override {}
  void finish(std::string_view, std::uint64_t) override {}
};

}  // namespace usher
