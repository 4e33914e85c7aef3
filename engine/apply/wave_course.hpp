#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/apply/apply_report.hpp"
#include "engine/apply/waves.hpp"

namespace usher {

/// How far the waves of one apply are, and whether more may be sent. For one thread at a time.
class WaveCourse {
 public:
  /// Both must outlive it.
  WaveCourse(const Waves& waves, const WaveRules& rules);

  const WaveReport& report(std::size_t wave) const { return reports_[wave]; }

  /// Nothing of a wave is left to send.
  void pass_over(std::size_t wave) { reports_[wave].end = WaveEnd::done_before; }
  /// The next wave is to send so many operations.
  void begin(std::size_t wave, std::uint64_t operations);
  /// An operation ended, of whatever wave.
  void ended(std::size_t change, OperationState state);
  /// All workers are done with the wave that was begun. rest: something of it was not sent.
  void end(bool rest, bool interrupted);
  /// The gate between a wave and the next one.
  void gate(std::size_t wave, GateReport report, bool interrupted);

  /// Nothing more may be sent.
  bool stopped() const { return !why_.empty(); }
  /// Why what is left is not sent.
  std::string why() const;
  /// Moves what became of the waves into the report, unless everything was one.
  void tell(ApplyReport& report);

 private:
  std::uint64_t failures() const;
  std::string name(std::size_t wave) const;

  const WaveRules& rules_;
  const Waves& waves_;
  std::vector<WaveReport> reports_;
  std::size_t wave_ = 0;          // the one that was begun last
  std::uint64_t operations_ = 0;  // that it sends
  std::string why_;
};

}  // namespace usher
