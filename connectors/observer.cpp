#include "connectors/observer.hpp"

namespace usher {

void PlatformWatch::tell(PlatformEvent event) const noexcept {
  if (!observer_) return;
  try {
    event.platform = platform_;
    event.request = redactor_->clean(std::string_view(event.request));
    event.reason = redactor_->clean(std::string_view(event.reason));
    observer_->happened(event);
  } catch (...) {
    // What cannot be told must not end the work that it tells about.
  }
}

void PlatformWatch::tell(PlatformEvent event, const Failure& failure) const noexcept {
  if (!observer_) return;
  try {
    event.request = failure.request;
    event.status = failure.status;
    event.reason = to_string(failure.kind);
    if (!failure.message.empty()) event.reason += ": " + failure.message;
  } catch (...) {
    return;
  }
  tell(std::move(event));
}

void PlatformWatch::trace(std::string_view text) const noexcept {
  if (!observer_) return;
  try {
    constexpr std::size_t longest = 256 << 10;
    observer_->exchanged(redactor_->clean(text, longest));
    if (text.size() > longest) observer_->exchanged("(cut here)\n");
  } catch (...) {
    // See tell().
  }
}

}  // namespace usher
