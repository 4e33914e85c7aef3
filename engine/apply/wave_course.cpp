#include "engine/apply/wave_course.hpp"

#include <fmt/format.h>

namespace usher {

WaveCourse::WaveCourse(const Waves& waves, const WaveRules& rules) : rules_(rules), waves_(waves) {
  for (const Waves::Wave& wave : waves_.all) reports_.emplace_back().size = wave;
}

std::string WaveCourse::name(std::size_t wave) const {
  return fmt::format("wave {} of {}", wave + 1, reports_.size());
}

std::uint64_t WaveCourse::failures() const {
  std::uint64_t all = 0;
  for (const auto& [state, count] : reports_[wave_].counts) all += is_failure(state) ? count : 0;
  return all;
}

void WaveCourse::begin(std::size_t wave, std::uint64_t operations) {
  wave_ = wave;
  operations_ = operations;
  reports_[wave].end = WaveEnd::interrupted;
}

void WaveCourse::ended(std::size_t change, OperationState state) {
  if (rules_.sizes.empty() || waves_.of_change[change] == Waves::none) return;
  ++reports_[waves_.of_change[change]].counts[state];
  if (stopped() || !is_failure(state) || !rules_.stop_at.is_exceeded_by(failures(), operations_)) return;
  reports_[wave_].end = WaveEnd::failed;
  why_ = fmt::format("more operations of {} failed than {} of {}", name(wave_), rules_.stop_at.text(),
                     operations_);
}

void WaveCourse::end(bool rest, bool interrupted) {
  WaveReport& report = reports_[wave_];
  if (report.end == WaveEnd::failed) return;
  report.end = !rest ? WaveEnd::done : interrupted ? WaveEnd::interrupted : WaveEnd::given_up;
  if (report.end == WaveEnd::given_up && !rules_.sizes.empty())
    why_ = fmt::format("{} could not be finished, a platform was given up", name(wave_));
}

void WaveCourse::gate(std::size_t wave, GateReport report, bool interrupted) {
  if (!report.failure.empty() && !interrupted)
    why_ = fmt::format("the gate after {} {}", name(wave), report.failure);
  reports_[wave].gate = std::move(report);
}

std::string WaveCourse::why() const {
  return stopped() ? why_ : "the run ended before it";
}

void WaveCourse::tell(ApplyReport& report) {
  if (rules_.sizes.empty()) return;
  report.stopped = std::move(why_);
  report.waves = std::move(reports_);
}

}  // namespace usher
