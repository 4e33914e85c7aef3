#include "engine/cli/notifying.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <exception>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "engine/cli/atomic_file.hpp"
#include "engine/cli/state.hpp"
#include "engine/notify/notifier.hpp"
#include "engine/report/news.hpp"
#include "engine/runtime/log.hpp"
#include "engine/runtime/time.hpp"
#include "state/store/error.hpp"

namespace usher::cli {

namespace {

constexpr std::array all_kinds{NoticeKind::held, NoticeKind::failed, NoticeKind::attention, NoticeKind::stale,
                               NoticeKind::changed};

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

/// Adds news to the others: of a kind there is one notice.
void merge(Notice notice, std::vector<Notice>& all) {
  const auto same = std::ranges::find(all, notice.kind, &Notice::kind);
  if (same == all.end()) return all.push_back(std::move(notice));
  same->identity += notice.identity;
  std::ranges::move(notice.lines, std::back_inserter(same->lines));
}

/// Tells the news of one run of one configuration.
class Telling {
 public:
  explicit Telling(const Call& call) {
    const CommonOptions options = call.common();
    auto config = load_config(options.config, Secrets::skip);
    if (!config) return;  // its mistakes are what the command ends with
    rules_ = std::move(config->notify);
    state_ = options.state.value_or(config->state);
    origin_.configuration = std::filesystem::absolute(config->file).string();
    origin_.host = host_name();
  }

  bool needed() const { return !rules_.empty(); }

  void tell_changes(std::string_view command, RunNews news, ExitCode code) {
    std::erase_if(news.notices, [](const Notice& one) { return one.kind != NoticeKind::changed; });
    origin_.run = news.run;
    tell(
        command, [&](const NotifyRule&) { return news.notices; }, {NoticeKind::changed}, code);
  }

  void tell(std::string_view command, const RunNews& news, ExitCode code) {
    origin_.run = news.run;
    tell(command, with_age(news.notices), {all_kinds.begin(), all_kinds.end()}, code);
  }

  /// A run that broke off says nothing of what else goes on.
  void tell_error(std::string_view command, const Notice& failed, ExitCode code) {
    tell(command, with_age({failed}), {NoticeKind::failed}, code);
  }

  void tell_age(const Status& status) {
    tell(
        "status",
        [&](const NotifyRule& rule) {
          std::vector<Notice> all;
          add_age(all, status, rule);
          return all;
        },
        {NoticeKind::stale}, ExitCode::done);
  }

 private:
  NewsFor with_age(std::vector<Notice> notices) const {
    return [this, notices = std::move(notices), status = last_status(state_)](const NotifyRule& rule) {
      std::vector<Notice> all = notices;
      if (status) add_age(all, *status, rule);
      return all;
    };
  }

  void tell(std::string_view command, const NewsFor& news, const std::set<NoticeKind>& judged,
            ExitCode code) {
    origin_.command = command;
    origin_.exit_code = static_cast<int>(code);
    origin_.exit_name = name(code);
    origin_.at = now_text();
    const std::string before = remembered();
    NotifyMemory memory(before);
    // A run that was interrupted, or whose deadline passed, is news too: only the rules' timeouts end this.
    for (const Notification& one : notify(rules_, news, judged, origin_, memory, std::stop_token())) {
      const bool arrived = one.failure.empty();
      log({.level = arrived ? LogLevel::debug : LogLevel::error,
           .platform = {},
           .object = one.rule,
           .action = "notify",
           .reason = one.failure,
           .message = arrived ? std::string(to_string(one.kind)) + " was told"
                              : std::string(to_string(one.kind)) +
                                    " was not told; nothing else is changed by that"});
    }
    remember(memory, before);
  }

  /// A platform that was not read for long is one line beside accounts that were not as the plan relied on.
  void add_age(std::vector<Notice>& all, const Status& status, const NotifyRule& rule) const {
    auto aged = news_of_age(status, seconds_of(now_text()), rule.max_age.count());
    if (!aged) return;
    merge(std::move(*aged), all);
  }

  std::filesystem::path memory_file() const { return state_.string() + ".notified"; }

  std::string remembered() const {
    std::ifstream in(memory_file(), std::ios::binary);
    std::error_code none;
    if (!in && std::filesystem::exists(memory_file(), none))
      log({.level = LogLevel::error,
           .platform = {},
           .action = "notify",
           .reason = memory_file().string() + " cannot be read",
           .message = "the same news may be told again"});
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// before: what is remembered already.
  void remember(const NotifyMemory& memory, const std::string& before) const {
    const std::string text = memory.text();
    if (text == before) return;
    try {
      AtomicFile file(memory_file(), "memory of notifications", Readers::nobody, state_);
      file.write(text);
      file.commit();
    } catch (const std::exception& error) {
      log({.level = LogLevel::error,
           .platform = {},
           .action = "notify",
           .reason = error.what(),
           .message = "the same news may be told again"});
    }
  }

  std::vector<NotifyRule> rules_;
  std::filesystem::path state_;
  NoticeOrigin origin_;
};

Conditions conditions_of_error(const std::exception& error) {
  if (const auto* known = dynamic_cast<const CommandError*>(&error)) return known->conditions();
  const auto* store = dynamic_cast<const StoreError*>(&error);
  return store != nullptr && store->kind() == StoreErrorKind::locked ? ExitCode::locked : ExitCode::failed;
}

/// Telling must not replace what the command came to.
template <class Tell>
void without_effect(const Tell& tell) noexcept {
  try {
    tell();
  } catch (const std::exception& error) {
    log({.level = LogLevel::error,
         .platform = {},
         .action = "notify",
         .reason = error.what(),
         .message = "nothing else is changed by that"});
  }
}

}  // namespace

void RunNews::end(const std::vector<PullReport>& pulls, const Plan& plan, const ApplyReport& report) {
  known = true;
  run = report.run;
  notices = news_of(pulls, plan, report);
}

ExitCode notifying(const Call& call, std::string_view command, const std::function<ExitCode(RunNews&)>& work,
                   NewsScope scope) {
  std::optional<Telling> telling;
  without_effect([&] { telling.emplace(call); });
  RunNews news;
  if (!telling || !telling->needed()) return work(news);
  const auto tell = [&](ExitCode code) {
    if (!news.known) return;
    without_effect([&] {
      scope == NewsScope::changes ? telling->tell_changes(command, news, code)
                                  : telling->tell(command, news, code);
    });
  };
  try {
    const ExitCode code = work(news);
    tell(code);
    return code;
  } catch (const std::exception& error) {
    const Conditions conditions = conditions_of_error(error);
    if (scope == NewsScope::everything && !news.known && conditions.code() != ExitCode::usage)
      without_effect(
          [&] { telling->tell_error(command, news_of_error(conditions, error.what()), conditions.code()); });
    merge(news_of_error(conditions, error.what()), news.notices);
    tell(conditions.code());  // what was done before it broke off
    throw;
  }
}

void notify_of_age(const Call& call, const Status& status) {
  without_effect([&] {
    Telling telling(call);
    if (telling.needed()) telling.tell_age(status);
  });
}

}  // namespace usher::cli
