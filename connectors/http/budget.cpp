#include "connectors/http/budget.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace usher::http {
namespace {

constexpr std::chrono::seconds recovery{60};  // from half the rate back to all of it
constexpr std::chrono::seconds worth_telling{1};
constexpr double unlimited_slowed = 10;  // requests a second once a platform without a limit said 429

}  // namespace

void Bucket::refill(Time now) {
  if (filled_ == Time{}) filled_ = now;
  const double seconds = std::chrono::duration<double>(now - filled_).count();
  filled_ = now;
  if (rate_ <= 0) return;
  tokens_ = std::min(std::max(1.0, budget_.burst), tokens_ + seconds * rate_);
}

std::chrono::milliseconds Bucket::take(Time now) {
  refill(now);
  const auto blocked =
      std::chrono::ceil<std::chrono::milliseconds>(std::max(blocked_until_ - now, Time::duration(0)));
  if (rate_ <= 0) return blocked;
  tokens_ -= 1;
  if (tokens_ >= 0) return blocked;
  const std::chrono::milliseconds wait(static_cast<std::int64_t>(std::ceil(-tokens_ / rate_ * 1000)));
  return std::max(blocked, wait);
}

void Bucket::throttled(Time now, std::optional<std::chrono::milliseconds> retry_after) {
  refill(now);
  if (retry_after) blocked_until_ = std::max(blocked_until_, now + *retry_after);
  if (now - slowed_ < std::chrono::seconds(1) && slowed_ != Time{}) return;  // one answer for a whole burst
  slowed_ = now;
  rate_ = rate_ > 0 ? std::max(rate_ / 2, 0.1) : unlimited_slowed;
  tokens_ = std::min(tokens_, 0.0);
}

void Bucket::answered(Time now) {
  if (slowed_ == Time{} || now - slowed_ < recovery) return;
  refill(now);
  slowed_ = now;
  rate_ = budget_.rate > 0 ? std::min(rate_ * 2, budget_.rate) : (rate_ < 1000 ? rate_ * 2 : 0);
  if (rate_ == budget_.rate) slowed_ = Time{};
}

Budgeted::Budgeted(std::unique_ptr<Transport> inner, Budget budget, Clock& clock, Patience patience,
                   PlatformWatch watch)
    : inner_(std::move(inner)),
      clock_(clock),
      patience_(patience),
      watch_(std::move(watch)),
      bucket_(budget),
      free_(std::max(1, budget.concurrency)) {}

std::optional<std::chrono::milliseconds> Budgeted::learn(const Outcome<Response>& outcome) {
  if (!outcome) return std::nullopt;
  const Bucket::Time now = clock_.now();
  if (outcome->status != 429) {
    bucket_.answered(now);
    return std::nullopt;
  }
  const auto asked = retry_after(outcome->header("retry-after"), std::chrono::system_clock::now());
  bucket_.throttled(now, asked);
  const bool is_news = asked && *asked >= worth_telling && now + *asked > told_until_ + worth_telling &&
                       patience_.allows(*asked, now);
  if (is_news) told_until_ = now + *asked;
  return is_news ? asked : std::nullopt;
}

Outcome<Response> Budgeted::send(const Request& request, std::stop_token stop) {
  std::chrono::milliseconds wait{};
  {
    MutexLock lock(mutex_);
    const auto is_free = [this]() REQUIRES(mutex_) { return free_ > 0; };
    if (!freed_.wait(lock, stop, is_free))
      return fail(FailureKind::stopped, "stopped before it was sent", request.shown);
    --free_;
    wait = bucket_.take(clock_.now());
  }
  std::optional<std::chrono::milliseconds> pause;
  Outcome<Response> outcome = send_after(wait, request, std::move(stop), pause);
  if (pause) {
    watch_.tell({.kind = PlatformEvent::Kind::wait,
                 .request = request.shown,
                 .status = outcome->status,
                 .time = *pause,
                 .reason = "the platform asks for a pause"});
  }
  return outcome;
}

Outcome<Response> Budgeted::send_after(std::chrono::milliseconds wait, const Request& request,
                                       std::stop_token stop,
                                       std::optional<std::chrono::milliseconds>& pause) {
  struct Place {
    Budgeted& budget;
    ~Place() {
      {
        const MutexLock lock(budget.mutex_);
        ++budget.free_;
      }
      budget.freed_.notify_one();
    }
  } const place{*this};
  if (!patience_.allows(wait, clock_.now())) {
    Failure failure{.kind = FailureKind::stopped,
                    .message = "not sent: the platform wants to be left alone longer than this run may wait",
                    .request = request.shown,
                    .retry_after = wait};
    return tl::unexpected(std::move(failure));
  }
  if (wait.count() > 0 && !clock_.sleep(wait, stop))
    return fail(FailureKind::stopped, "stopped before it was sent", request.shown);
  Outcome<Response> outcome = inner_->send(request, std::move(stop));
  const MutexLock lock(mutex_);
  pause = learn(outcome);
  return outcome;
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view header,
                                                     std::chrono::system_clock::time_point now) {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  if (header.empty()) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error == std::errc() && end == header.data() + header.size()) {
    if (!(seconds >= 0)) return std::nullopt;
    return std::min(longest,
                    std::chrono::milliseconds(static_cast<std::int64_t>(std::min(seconds, 1e9) * 1000)));
  }
  const std::time_t date = curl_getdate(std::string(header).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const auto wait = std::chrono::system_clock::from_time_t(date) - now;
  return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(wait), std::chrono::milliseconds(0),
                    longest);
}

}  // namespace usher::http
