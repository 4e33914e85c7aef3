#include "engine/check/source_check.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>

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

/// Why the rules about people fail for everybody of these records; nullopt when they work for somebody.
std::optional<Diagnostic> failing_for_all(const Workspace& setup, const LocalSource& source,
                                          const std::vector<Account>& records) {
  PeopleEvaluator people(setup.rules->people(), moment_now());
  std::string first;
  std::size_t tried = 0;
  for (const Account& record : records) {
    const auto person = people.evaluate(record.attributes);
    if (person) return std::nullopt;
    if (tried == 0) first = person.error().failure.message;
    if (++tried == most_tried) break;
  }
  if (tried == 0) return std::nullopt;
  Diagnostic mistake = at_its_place(first, source.place);
  mistake.message = fmt::format("this fails for all of the {} records of {} that were tried: {}", tried,
                                source.platform, mistake.message);
  return mistake;
}

}  // namespace

std::vector<Diagnostic> check_sources(const Workspace& setup, bool missing, std::stop_token stop) {
  std::vector<Diagnostic> mistakes;
  const std::vector<LocalSource> sources = local_sources(setup);
  for (const LocalSource& source : sources) {
    std::error_code error;
    const bool there = std::filesystem::exists(source.path, error);
    if (there ? !std::filesystem::is_regular_file(source.path, error) : !missing) continue;
    const Outcome<Page> page = setup.connectors.at(source.platform)->fetch("", stop);
    if (!page) {
      mistakes.push_back({source.place, fmt::format("{}: {}", source.platform, page.error().message), {}});
    } else if (sources.size() == 1) {  // records of several sources complete each other
      if (auto failing = failing_for_all(setup, source, page->accounts))
        mistakes.push_back(std::move(*failing));
    }
  }
  return mistakes;
}

}  // namespace usher
