#include "engine/check/source_check.hpp"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "engine/check/rule_trial.hpp"
#include "state/model/schema.hpp"

namespace usher {
namespace {

constexpr std::size_t most_tried = 1000;  // records that rules are tried on

cel::Moment moment_now() {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  return {now.count(), 0};
}

/// A message that begins with its place, "usher.yaml:14:11: …", as a mistake at that place.
Diagnostic at_its_place(const std::string& message, const SourceLocation& otherwise) {
  static const std::regex place(R"(^(.+?):(\d+):(\d+): )");
  std::smatch found;
  if (!std::regex_search(message, found, place)) return {otherwise, message, {}};
  return {{found[1].str(), std::stoi(found[2].str()), std::stoi(found[3].str())}, found.suffix().str(), {}};
}

/// How often rules failed of how many people they were tried on, and on what first.
struct Tally {
  std::size_t tried = 0, failed = 0;
  std::string first;

  void count(const std::string& error) {
    if (failed == 0) first = error;
    failed += error.empty() ? 0 : 1;
    ++tried;
  }
  bool all_failed() const { return tried > 0 && failed == tried; }
};

/// The rules that fail for everybody of these records whom they are asked for: those about people, else those
/// of a platform.
std::vector<Diagnostic> failing_for_all(const Workspace& setup, const LocalSource& source,
                                        const std::vector<Account>& records) {
  RuleTrial trial(*setup.config, *setup.rules, moment_now());
  Tally people;
  std::map<std::string, Tally> platforms;
  for (std::size_t i = 0; i < records.size() && i < most_tried; ++i) {
    const auto person = trial.apply(records[i].attributes);
    people.count(person ? std::string() : person.error().failure.message);
    if (!person) continue;
    for (const auto& [platform, outcome] : person->platforms)
      if (!outcome.error.empty() || (person->active && outcome.in_scope))
        platforms[platform].count(outcome.error);
  }
  std::vector<Diagnostic> mistakes;
  const auto say = [&](const Tally& tally) {
    Diagnostic mistake = at_its_place(tally.first, source.place);
    mistake.message =
        tally.tried == 1
            ? fmt::format("this fails for the only record of {}: {}", source.platform, mistake.message)
            : fmt::format("this fails for all {} records of {} that were tried: {}", tally.tried,
                          source.platform, mistake.message);
    mistakes.push_back(std::move(mistake));
  };
  if (people.all_failed()) say(people);
  for (const auto& [platform, tally] : platforms)
    if (tally.all_failed()) say(tally);
  return mistakes;
}

/// What the rules come to for a record that has nothing in any column but one, where the key needs that.
tl::expected<TrialPerson, PersonError> try_columns(RuleTrial& trial,
                                                   const std::vector<std::string>& columns) {
  nlohmann::json record = nlohmann::json::object();
  for (const std::string& column : columns) record[column] = "";
  const auto none = trial.apply(record.dump());
  if (none || !none.error().id.empty()) return none;
  for (const std::string& column : columns) {
    record[column] = "1";
    auto person = trial.apply(record.dump());
    if (person || !person.error().id.empty()) return person;
    record[column] = "";
  }
  return none;
}

/// A field that rules about people ask for and that no record can have: tried with nothing in the columns, so
/// that a rule which fails for another reason says nothing.
std::vector<Diagnostic> missing_column(const Workspace& setup, const LocalSource& source,
                                       const std::vector<std::string>& columns) {
  RuleTrial trial(*setup.config, *setup.rules, moment_now());
  const auto person = try_columns(trial, columns);
  if (person || person.error().failure.missing.empty()) return {};
  Diagnostic mistake = at_its_place(person.error().failure.cause, source.place);
  mistake.message += fmt::format(" (the header of {})", source.platform);
  return {std::move(mistake)};
}

/// What is wrong with the rules for what a source begins with: without records, for its header.
std::vector<Diagnostic> failing_for(const Workspace& setup, const LocalSource& source, const Page& page) {
  if (!page.accounts.empty()) return failing_for_all(setup, source, page.accounts);
  return page.columns.empty() ? std::vector<Diagnostic>() : missing_column(setup, source, page.columns);
}

}  // namespace

std::vector<Diagnostic> check_sources(const Workspace& setup, bool missing, std::stop_token stop) {
  std::vector<Diagnostic> mistakes;
  for (const LocalSource& source : local_sources(setup)) {
    std::error_code error;
    const bool there = std::filesystem::exists(source.path, error);
    if (there ? !std::filesystem::is_regular_file(source.path, error) : !missing) continue;
    const Outcome<Page> page = setup.connectors.at(source.platform)->fetch("", stop);
    if (!page) {
      mistakes.push_back({source.place, fmt::format("{}: {}", source.platform, page.error().message), {}});
    } else if (setup.config->people.from.size() == 1) {  // records of several sources complete each other
      for (Diagnostic& failing : failing_for(setup, source, *page)) mistakes.push_back(std::move(failing));
    }
  }
  return mistakes;
}

}  // namespace usher
