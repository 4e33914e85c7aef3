#include "engine/report/waves_text.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "engine/apply/apply_report.hpp"
#include "engine/runtime/terminal_text.hpp"

namespace usher {

namespace {

constexpr std::size_t canaries_named = 10;

const nlohmann::json* waves_in(const nlohmann::json& summary) {
  const auto found = summary.is_object() ? summary.find("waves") : summary.end();
  return found != summary.end() && found->is_array() && !found->empty() ? &*found : nullptr;
}

bool is_done(const nlohmann::json& wave) {
  const std::string ended = wave.value("ended", "");
  return ended == to_string(WaveEnd::done) || ended == to_string(WaveEnd::done_before);
}

std::uint64_t counted(const nlohmann::json& wave, const char* what) {
  return wave.value(what, std::uint64_t{0});
}

std::string gate_cell(const nlohmann::json& wave) {
  const auto gate = wave.find("gate");
  if (gate == wave.end() || !gate->is_object()) return "-";
  return gate->value("passed", false) ? "passed" : gate->value("failure", "failed");
}

std::string counts_cell(const nlohmann::json& wave) {
  std::string text;
  const auto counts = wave.find("counts");
  if (counts != wave.end() && counts->is_object())
    for (const auto& [state, count] : counts->items())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", with_separators(count.get<std::uint64_t>()),
                          state);
  return text.empty() ? "-" : text;
}

std::string name_of(const Change& change) {
  return !change.person.empty() ? change.person : !change.label.empty() ? change.label : change.account;
}

std::string first_ones(const Plan& plan, const Waves& waves) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < plan.changes.size(); ++i)
    if (waves.of_change[i] == 0) names.insert(name_of(plan.changes[i]));
  std::string text;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (shown++ == canaries_named) break;
    text += (text.empty() ? "" : ", ") + escaped(name);
  }
  if (names.size() > canaries_named)
    text += fmt::format(" and {} more", with_separators(names.size() - canaries_named));
  return text;
}

}  // namespace

std::string waves_sentence(const nlohmann::json& summary) {
  const nlohmann::json* waves = waves_in(summary);
  if (waves == nullptr) return {};
  std::size_t done = 0;
  for (const auto& wave : *waves) done += is_done(wave) ? 1U : 0U;
  const auto stopped = summary.find("stopped");
  const bool why = stopped != summary.end() && stopped->is_string();
  return fmt::format("{} of {} done{}", done, pluralised(waves->size(), "wave", "waves"),
                     why ? "; " + stopped->get<std::string>() : "");
}

std::string waves_table(const nlohmann::json& summary) {
  using enum Table::Align;
  const nlohmann::json* waves = waves_in(summary);
  if (waves == nullptr) return {};
  Table table({right, right, right, right, left, left, left});
  table.row({"wave", "people", "accounts", "operations", "ended", "counts", "gate after it"});
  for (const auto& wave : *waves)
    table.row({std::to_string(counted(wave, "wave")), with_separators(counted(wave, "people")),
               with_separators(counted(wave, "accounts")), with_separators(counted(wave, "operations")),
               escaped(wave.value("ended", "")), escaped(counts_cell(wave)), escaped(gate_cell(wave))});
  return table.text(2);
}

std::string waves_preview(const Plan& plan, const WaveRules& rules) {
  if (rules.sizes.empty()) return {};
  const Waves waves = waves_of(plan, rules.sizes);
  if (waves.all.empty()) return {};
  std::string sizes;
  for (const Waves::Wave& wave : waves.all)
    sizes += (sizes.empty() ? "" : ", then ") + with_separators(wave.people);
  std::string text = fmt::format("In {}: {} {}. ", pluralised(waves.all.size(), "wave", "waves"), sizes,
                                 waves.all.back().people == 1 ? "person" : "people");
  if (!rules.gate.empty() && waves.all.size() > 1)
    text += fmt::format("Between two of them `{}` must end with 0. ", escaped(rules.gate));
  text += fmt::format("Nothing more is sent when more than {} of a wave's operations fail. The first: {}.",
                      rules.stop_at.text(), first_ones(plan, waves));
  return wrapped(text, 80, 0) + "\n";
}

}  // namespace usher
