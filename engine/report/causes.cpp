#include "engine/report/causes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace usher {

namespace {

constexpr std::size_t names_shown = 3, cause_width = 80, cause_indent = 4;

/// Collects causes in the order of platform and kind.
class Causes {
 public:
  void add(const std::string& platform, const std::string& what, const std::string& why,
           const std::string& name, const std::string& id = {}) {
    Cause& cause = found_[{platform, what, why}];
    if (cause.count++ == 0) cause = {platform, what, why, 1, {}, id};
    if (cause.id != id) cause.id.clear();  // several notes: each name has its own
    if (!name.empty() && cause.names.size() < names_shown) cause.names.push_back({name, id});
  }

  std::vector<Cause> take() {
    std::vector<Cause> all;
    for (auto& [key, cause] : found_) all.push_back(std::move(cause));
    std::stable_sort(all.begin(), all.end(), [](const Cause& a, const Cause& b) {
      return std::tie(a.platform, a.what, b.count) < std::tie(b.platform, b.what, a.count);
    });
    return all;
  }

 private:
  std::map<std::tuple<std::string, std::string, std::string>, Cause> found_;
};

const std::string& name_of(const Change& change) {
  return change.label.empty() ? change.person : change.label;
}

}  // namespace

std::vector<Cause> causes_of_notes(const Plan& plan, Severity severity) {
  Causes causes;
  std::map<std::tuple<std::string, NoteKind, std::string>, std::uint64_t> many;
  for (const Note& note : plan.notes)
    if (severity_of(note) == severity) ++many[{note.platform, note.kind, note.why()}];
  for (const Note& note : plan.notes) {
    if (severity_of(note) != severity) continue;
    const bool alone = many[{note.platform, note.kind, note.why()}] == 1;  // then its values may be shown
    const std::string& whom = note.person.empty() ? note.account : note.person;
    causes.add(note.platform, to_string(note.kind), alone ? note.message : note.why(), whom, id_of(note));
  }
  return causes.take();
}

std::vector<Cause> causes_of_held(const Plan& plan) {
  std::vector<char> held(plan.changes.size());
  for (const Operation& operation : plan.operations)
    if (operation.held) held.at(operation.change) = 1;
  Causes causes;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const Change& change = plan.changes[i];
    if (held[i] != 0) causes.add(change.platform, to_string(change.act), change.because, name_of(change));
  }
  return causes.take();
}

std::vector<Cause> causes_of_troubles(const ApplyReport& report) {
  Causes causes;
  for (const OperationReport& trouble : report.troubles) {
    const std::string what =
        trouble.operation.platform.empty()  // it is about no operation: what could not be handed over
            ? "first secrets"
            : fmt::format("{} {}", to_string(trouble.operation.kind), to_string(trouble.state));
    causes.add(trouble.operation.platform, what, trouble.message, trouble.operation.label);
  }
  return causes.take();
}

std::string cause_text(const Cause& cause, const Ink& ink, std::string_view mark) {
  std::string names;
  for (const Cause::Named& one : cause.names) {
    names += (names.empty() ? "" : ", ") + escaped(one.name);
    if (cause.id.empty() && !one.id.empty()) names += " [" + one.id + "]";
  }
  if (cause.count > cause.names.size() && !names.empty())
    names += fmt::format(" and {} more", with_separators(cause.count - cause.names.size()));
  const std::string head =
      fmt::format("{}{}{}:", escaped(cause.platform), cause.platform.empty() ? "" : " ", cause.what);
  std::string text = head + " ";
  if (cause.count > 1) text += with_separators(cause.count) + " × ";
  text += escaped(cause.why);
  if (!names.empty()) text += fmt::format(" ({})", names);
  if (!cause.id.empty()) text += " [" + cause.id + "]";
  const std::string before = mark.empty() ? "" : std::string(mark) + " ";
  std::string lines = wrapped(before + text, cause_width - cause_indent, cause_indent);
  if (lines.starts_with(before + head))
    lines = (mark.empty() ? "" : ink.yellow(mark) + " ") + ink.bold(head) +
            lines.substr(before.size() + head.size());
  return "  " + lines + "\n";
}

}  // namespace usher
