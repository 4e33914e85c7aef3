#include "examples/sandbox/switches.hpp"

#include <array>
#include <charconv>
#include <stdexcept>

namespace usher::sandbox {
namespace {

constexpr auto switches = std::to_array<Switch>({
    {"gr4vy.api", "2021", "2021: users cannot be updated; 2023: update, status and roles"},
    {"gr4vy.api-token", "",
     "a bearer that is taken as an API token, which belongs to nobody; empty: none is"},
    {"gr4vy.create-status", "200", "status of a create: 200, or 201 as later versions have it"},
    {"gr4vy.duplicate-names-resource", "true", "a 409 carries the resource_id of the record that exists"},
    {"gr4vy.email-field", "email_adress",
     "how the e-mail is spelt in replies: email_adress, email_address or both"},
    {"gr4vy.rate-limit", "0", "calls a second beyond which 429 is answered; 0: no limit"},
    {"gr4vy.reset-answers", "user", "reset-password answers the user, or nothing (204)"},
    {"gr4vy.retry-after", "true", "a 429 carries Retry-After: 1"},
    {"kestra.autocomplete-cap", "25", "how many users autocomplete answers at most"},
    {"kestra.create-answers-nothing", "false",
     "POST /users answers 201 without a body, as the document of 1.0 has it"},
    {"kestra.duplicate-status", "409", "status of a create or update whose e-mail is taken: 409 or 422"},
    {"kestra.email-renames", "true", "a new e-mail becomes the username too"},
    {"kestra.links-in-arrays", "false", "the self link of an error is an array of one"},
    {"kestra.omit-empty-results", "false", "a page without rows comes without its \"results\""},
    {"kestra.page-cap", "0", "pages are silently cut to this size; 0: never"},
    {"kestra.password-minimum", "8", "shorter passwords are refused with 422"},
    {"kestra.stale-reads", "0", "how many listings of a group's members still show them as before a change"},
    {"kestra.tenants", "main,lab", "the tenants, the first is the one most people are in"},
    {"kestra.version", "1",
     "1: joining a group grants access to its tenant, leaving the last revokes it; 2: neither"},
    {"mainflux.policies-prefix", "/users/policies",
     "path of the policies: behind nginx, or /policies directly"},
    {"mainflux.unstable-order", "false",
     "groups and policies that were never edited come in another order on each page, as a sort by NULL may "
     "give"},
    {"sigfox.empty-paging", "false", "the last page carries an empty \"paging\" in place of none"},
    {"sigfox.group-as-array", "false",
     "the group of an API user is an array of one, as the published example has it"},
    {"sigfox.last-profile-removable", "false", "an API user may be left without a profile; else 400"},
    {"sigfox.lenient-slash", "false", "collections are found without their trailing slash too"},
    {"sigfox.login", "5f3c1a2b4d5e6f708192a3b4", "id of the API user the administrator logs in as"},
    {"sigfox.next", "absolute", "the link to the next page: absolute or relative"},
    {"sigfox.next-keeps-filters", "true", "that link repeats the filters of the request"},
    {"sigfox.profile-field", "both", "the name profiles are taken under: profileIds, profileId or both"},
    {"sigfox.put-profiles", "replace", "what profileIds do in an update: replace or add"},
    {"sigfox.rate-limit", "0", "calls a second beyond which 429 is answered; 0: no limit"},
    {"sigfox.retry-after", "false", "a 429 carries Retry-After: 1"},
});

const Switch& known(std::string_view name) {
  for (const Switch& one : switches)
    if (one.name == name) return one;
  throw std::invalid_argument("no switch is called " + std::string(name) +
                              "; usher-sandbox --switches lists them");
}

}  // namespace

std::span<const Switch> all_switches() {
  return switches;
}

void Switches::set(const std::string& name, std::string value) {
  known(name);
  moved_[name] = std::move(value);
}

std::string Switches::text(std::string_view name) const {
  const Switch& one = known(name);
  const auto moved = moved_.find(name);
  return moved == moved_.end() ? std::string(one.standard) : moved->second;
}

bool Switches::flag(std::string_view name) const {
  const std::string value = text(name);
  if (value == "true") return true;
  if (value == "false") return false;
  throw std::invalid_argument("switch " + std::string(name) + " is true or false, not " + value);
}

std::int64_t Switches::number(std::string_view name) const {
  const std::string value = text(name);
  std::int64_t result = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
  if (error != std::errc() || end != value.data() + value.size())
    throw std::invalid_argument("switch " + std::string(name) + " is a number, not " + value);
  return result;
}

}  // namespace usher::sandbox
