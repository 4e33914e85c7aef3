#include "engine/cli/listing.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace usher::cli {

std::string platform_asked_for(const Call& call, const Inquiry& inquiry) {
  const std::string on = call.arguments.text("on");
  if (on.empty()) return on;
  std::vector<std::string> known;
  for (const Target& target : inquiry.input().targets) {
    if (target.name == on) return on;
    known.push_back(target.name);
  }
  throw CommandError(
      ExitCode::usage,
      fmt::format("--on {}: `accounts` in the configuration has no platform of that name, only {}.", on,
                  fmt::join(known, ", ")));
}

std::string past_platform_asked_for(const Call& call, Inquiry& inquiry) {
  const std::string on = call.arguments.text("on");
  const bool is_source = inquiry.source(on) != nullptr;
  if (!on.empty() && !is_source && inquiry.database().find_platform(on)) return on;
  return platform_asked_for(call, inquiry);
}

bool wants_csv(const Call& call) {
  if (call.json() && call.arguments.flag("csv"))
    throw CommandError(ExitCode::usage, "--csv and --output json exclude each other.");
  return call.arguments.flag("csv") || call.arguments.text("output") == "csv";
}

void print_list(const Call& call, const ListReport& list, ExitCode code) {
  if (wants_csv(call)) {
    call.print(list_csv(list));
    if (const std::string left_out = left_out_text(list); !left_out.empty()) call.say_problem(left_out);
  } else if (call.json()) {
    call.print_json(list_json(list, code));
  } else {
    call.show(list_text(list, call.style()));
  }
}

std::vector<std::pair<std::string, Entitlement>> entitlements_asked_for(const Call& call, Inquiry& inquiry,
                                                                        const std::string& name) {
  auto found = find_entitlements(inquiry, name, past_platform_asked_for(call, inquiry));
  if (!found.empty()) return found;
  throw CommandError(
      ExitCode::usage,
      fmt::format(
          "No platform has or had a group, profile, role or tenant '{}', as far as the state remembers.",
          name));
}

}  // namespace usher::cli
