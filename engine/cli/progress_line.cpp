#include "engine/cli/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "engine/runtime/terminal_text.hpp"

namespace usher::cli {

namespace {

constexpr std::chrono::seconds silent_for{1};
constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::chrono::seconds between_tellings{1};

std::string stage_text(std::string_view name, std::uint64_t done, std::optional<std::uint64_t> total,
                       double seconds) {
  std::string text = fmt::format("{} {}", escaped(name), with_separators(done));
  const double rate = static_cast<double>(done) / seconds;
  if (total && *total > 0) {
    const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(*total));
    text += fmt::format(" of {} ({:.0f} %)", with_separators(*total), part * 100);
  }
  text += fmt::format(", {}/s", with_separators(static_cast<std::uint64_t>(rate)));
  if (total && *total > done && rate > 0)
    text += fmt::format(", {} left", duration_text(static_cast<double>(*total - done) / rate));
  return text;
}

}  // namespace

ProgressLine::ProgressLine(std::ostream& err, bool shown, Width width, Listener listener, Clock clock)
    : err_(err),
      shown_(shown),
      width_(std::move(width)),
      listener_(std::move(listener)),
      clock_(std::move(clock)) {}

ProgressLine::~ProgressLine() {
  const MutexLock lock(mutex_);
  erase();
}

void ProgressLine::advance(std::string_view stage, std::uint64_t done, std::optional<std::uint64_t> total) {
  if (!needed()) return;
  const MutexLock lock(mutex_);
  const auto now = clock_();
  auto found =
      std::find_if(stages_.begin(), stages_.end(), [&](const Stage& each) { return each.name == stage; });
  if (found == stages_.end()) found = stages_.insert(stages_.end(), Stage{std::string(stage), now, 0, {}});
  found->done = done;
  found->total = total;
  if (now - drawn_ >= between_drawings) draw(now);
}

void ProgressLine::finish(std::string_view stage, std::uint64_t) {
  if (!needed()) return;
  const MutexLock lock(mutex_);
  std::erase_if(stages_, [&](const Stage& each) { return each.name == stage; });
  draw(clock_());
}

void ProgressLine::tick() {
  if (!needed()) return;
  const MutexLock lock(mutex_);
  const auto now = clock_();
  if (!stages_.empty() && now - drawn_ >= between_drawings) draw(now);
}

void ProgressLine::write(std::string_view line) {
  const MutexLock lock(mutex_);
  const bool was_on_screen = on_screen_;
  erase();
  err_ << line << '\n' << std::flush;
  if (was_on_screen) draw(clock_());
}

void ProgressLine::draw(std::chrono::steady_clock::time_point now) {
  drawn_ = now;
  std::string text;
  for (const Stage& stage : stages_) {
    if (now - stage.began < silent_for) continue;
    const double seconds = std::chrono::duration<double>(now - stage.began).count();
    text += (text.empty() ? "" : " · ") + stage_text(stage.name, stage.done, stage.total, seconds);
  }
  erase();
  if (text.empty()) return;
  if (listener_ && now - told_ >= between_tellings) {
    told_ = now;
    listener_(text);
  }
  if (!shown_) return;
  err_ << '\r' << clipped(text, width_() - 1) << std::flush;
  on_screen_ = true;
}

void ProgressLine::erase() {
  if (!on_screen_) return;
  err_ << "\r\x1b[K" << std::flush;
  on_screen_ = false;
}

}  // namespace usher::cli
