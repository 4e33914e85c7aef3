#include "engine/report/news.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <map>
#include <set>
#include <tuple>

#include "engine/runtime/terminal_text.hpp"
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

/// A message up to the kind of a failure: what follows is an answer or a record, and may name people. What
/// cannot be reached names only itself.
std::string without_details(std::string message) {
  static const RE2 details(
      R"(\b(cut|throttled|unavailable|refused|denied|gone|conflict|already-so|invalid|malformed|unsupported|)"
      R"(stopped): (?s:.*))");
  RE2::Replace(&message, details, R"(\1)");
  return message;
}

/// A failure without what the platform answered.
std::string without_details(const Failure& failure) {
  if (failure.kind == FailureKind::unreachable) return describe(failure);
  const std::string status = failure.status == 0 ? "" : fmt::format("{} ", failure.status);
  return fmt::format("{}: {}{}", failure.request, status, to_string(failure.kind));
}

/// A rule that fails, without the values that it read: a field that is not there is the same for everybody.
std::string failing_rule(const std::string& message) {
  std::string place;
  if (!RE2::PartialMatch(message, R"(^(.+?:\d+(?::\d+)?): )", &place))
    return describe(NoteKind::rule_error).meaning;
  return message.find("no such field: ") == std::string::npos ? place + ": an expression fails" : message;
}

/// Without the reason, which may name people.
std::string incomplete_text(const PullReport& pull) {
  const std::string bad = pull.bad_count == 0 ? ""
                                              : fmt::format(", {} cannot be used",
                                                            pluralised(pull.bad_count, "record", "records"));
  return fmt::format("{} was not read completely{}: `usher status` says why", pull.platform, bad);
}

/// What is not done in a run, without what a platform answered: an answer may name people.
void add_troubles(const ApplyReport& report, bool stale, News& news) {
  std::map<std::string, std::uint64_t> counts;
  for (const OperationReport& trouble : report.troubles) {
    const bool of_operation = !trouble.operation.platform.empty();
    if (!of_operation && !stale) news.add("first secrets", "first secrets were not handed over");
    if (of_operation && trouble.stale == stale)
      ++counts[fmt::format("{} {} {}", trouble.operation.platform, to_string(trouble.operation.kind),
                           to_string(trouble.state))];
  }
  for (const auto& [what, count] : counts)
    news.add(what, fmt::format("{}: {}", what, pluralised(count, "operation", "operations")));
}

/// What a note says that is the same for everybody: its message has values of one person.
std::string without_names(const Note& note) {
  if (note.kind == NoteKind::rule_error) return failing_rule(note.why());
  if (!note.cause.empty()) return without_details(note.cause);
  const bool of_somebody = !note.person.empty() || !note.account.empty();
  return of_somebody ? describe(note.kind).meaning : without_details(note.message);
}

void add_attention(const Plan& plan, News& news) {
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> counts;
  for (const Note& note : plan.notes) {
    if (severity_of(note) == Severity::attention)
      ++counts[{note.platform, to_string(note.kind), without_names(note)}];
  }
  for (const auto& [cause, count] : counts) {
    const auto& [platform, kind, why] = cause;
    news.add(platform + " " + kind, fmt::format("{} {}: {}{}", platform, kind,
                                                count > 1 ? with_separators(count) + " × " : "", why));
  }
}

}  // namespace

std::vector<Notice> news_of(const std::vector<PullReport>& pulls, const Plan& plan,
                            const ApplyReport& report) {
  std::vector<Notice> all;
  News failed(NoticeKind::failed);
  for (const PullReport& pull : pulls) {
    if (pull.failure) {
      failed.add(fmt::format("{} not read: {}", pull.platform, to_string(pull.failure->kind)),
                 fmt::format("{} was not read: {}", pull.platform, without_details(*pull.failure)));
    } else if (pull.read && !pull.sealed) {
      failed.add(pull.platform + " incomplete", incomplete_text(pull));
    }
  }
  add_troubles(report, false, failed);
  failed.add_to(all);
  News held(NoticeKind::held);
  for (const Objection& objection : plan.objections)
    held.add(fmt::format("{} {}", objection.platform, to_string(objection.guard)),
             fmt::format("{}: guard {}: {} of {}, {} allowed", objection.platform, to_string(objection.guard),
                         objection.wanted, objection.population, objection.allowed));
  held.add_to(all);
  News attention(NoticeKind::attention);
  add_attention(plan, attention);
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
  return {NoticeKind::failed,
          fmt::format("ended with {}", to_string(conditions)),
          {conditions.has(ExitCode::source_incomplete) ? without_details(message) : message}};
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
