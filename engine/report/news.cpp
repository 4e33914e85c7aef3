#include "engine/report/news.hpp"

#include <fmt/format.h>

#include <set>

#include "engine/report/causes.hpp"
#include "engine/runtime/time.hpp"

namespace usher {

namespace {

/// Gathers the lines of one kind and what makes them the same news as in another run.
class News {
 public:
  explicit News(NoticeKind kind) { notice_.kind = kind; }

  void add(const std::string& identity, std::string line) {
    identities_.insert(identity);
    notice_.lines.push_back(std::move(line));
  }

  void add_to(std::vector<Notice>& all) {
    if (auto notice = take()) all.push_back(std::move(*notice));
  }

  std::optional<Notice> take() {
    if (notice_.lines.empty()) return std::nullopt;
    for (const std::string& one : identities_) notice_.identity += one + "\n";
    return std::move(notice_);
  }

 private:
  Notice notice_;
  std::set<std::string> identities_;
};

std::string counted(const Cause& cause) {
  const std::string times = cause.count > 1 ? with_separators(cause.count) + " × " : "";
  return fmt::format("{} {}: {}{}", cause.platform, cause.what, times, cause.why);
}

ApplyReport troubles_only(const ApplyReport& report, bool stale) {
  ApplyReport some;
  for (const OperationReport& trouble : report.troubles)
    if (trouble.stale == stale) some.troubles.push_back(trouble);
  return some;
}

void add_troubles(const ApplyReport& report, bool stale, News& news) {
  for (const Cause& cause : causes_of_troubles(troubles_only(report, stale)))
    news.add(cause.platform + " " + cause.what, counted(cause));
}

}  // namespace

std::vector<Notice> news_of(const std::vector<PullReport>& pulls, const Plan& plan,
                            const ApplyReport& report) {
  std::vector<Notice> all;
  News failed(NoticeKind::failed);
  for (const PullReport& pull : pulls) {
    if (pull.failure) {
      failed.add(fmt::format("{} not read: {}", pull.platform, to_string(pull.failure->kind)),
                 fmt::format("{} was not read: {}", pull.platform, describe(*pull.failure)));
    } else if (pull.read && !pull.sealed) {
      failed.add(pull.platform + " incomplete",
                 fmt::format("{} was not read completely: {}", pull.platform, pull.why_not));
    }
  }
  add_troubles(report, false, failed);
  failed.add_to(all);
  News held(NoticeKind::held);
  for (const Objection& objection : plan.objections)
    held.add(fmt::format("{} {}", objection.platform, to_string(objection.guard)),
             fmt::format("{}: {}", objection.platform, objection.message));
  held.add_to(all);
  News attention(NoticeKind::attention);
  for (const Cause& cause : causes_of_notes(plan, Severity::attention))
    attention.add(cause.platform + " " + cause.what, counted(cause));
  attention.add_to(all);
  News stale(NoticeKind::stale);
  add_troubles(report, true, stale);
  stale.add_to(all);
  News changed(NoticeKind::changed);
  for (const auto& [platform, counts] : report.counts) {
    const auto done = counts.find(OperationState::done);
    if (done == counts.end() || done->second == 0) continue;
    changed.add(fmt::format("run {}", report.run),
                fmt::format("{}: {} done", platform, pluralised(done->second, "operation", "operations")));
  }
  changed.add_to(all);
  return all;
}

Notice news_of_error(const Conditions& conditions, const std::string& message) {
  return {NoticeKind::failed, fmt::format("ended with {}", to_string(conditions)), {message}};
}

std::optional<Notice> news_of_age(const Status& status, std::int64_t now, std::int64_t max_age) {
  News stale(NoticeKind::stale);
  for (const Status::Platform& platform : status.platforms) {
    const std::string& name = platform.last.name;
    if (platform.last_sealed_at.empty()) {
      stale.add(name + " never", fmt::format("{} was never read completely", name));
      continue;
    }
    const std::int64_t age = now - seconds_of(platform.last_sealed_at);
    if (age > max_age)
      stale.add(name, fmt::format("{} was last read completely {} ago", name,
                                  duration_text(static_cast<double>(age))));
  }
  return stale.take();
}

}  // namespace usher
