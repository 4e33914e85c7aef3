#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runtime/progress.hpp"
#include "state/model/mutex.hpp"

namespace usher::cli {

/// Shows on one terminal line how far every stage is that has run for longer than a second, with its rate,
/// and leaves nothing behind. Lines of the log go through it, so that the two do not overwrite each other.
/// Tells a service manager the same.
/// Safe from any thread.
class ProgressLine final : public Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  using Width = std::function<std::size_t()>;

  /// Is told what stands on the line, every second.
  using Listener = std::function<void(std::string_view)>;

  /// shown: false only passes lines on. err must outlive this. listener: empty: nobody.
  ProgressLine(std::ostream& err, bool shown, Width width, Listener listener = {},
               Clock clock = std::chrono::steady_clock::now);
  ~ProgressLine() override;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void advance(std::string_view stage, std::uint64_t done, std::optional<std::uint64_t> total) override;
  void finish(std::string_view stage, std::uint64_t done) override;

  /// Shows how much time passed where nothing else happens, such as before the first page.
  void tick();

  /// Writes one line above the progress line; `line` has no line end.
  void write(std::string_view line);

 private:
  struct Stage {
    std::string name;
    std::chrono::steady_clock::time_point began;
    std::uint64_t done = 0;
    std::optional<std::uint64_t> total;
  };

  bool needed() const { return shown_ || listener_; }
  void draw(std::chrono::steady_clock::time_point now) REQUIRES(mutex_);
  void erase() REQUIRES(mutex_);

  Mutex mutex_;
  std::ostream& err_;
  const bool shown_;
  const Width width_;
  const Listener listener_;
  const Clock clock_;
  std::vector<Stage> stages_ GUARDED_BY(mutex_);  ///< those under way, in the order they began
  std::chrono::steady_clock::time_point drawn_ GUARDED_BY(mutex_), told_ GUARDED_BY(mutex_);
  bool on_screen_ GUARDED_BY(mutex_) = false;
};

}  // namespace usher::cli
