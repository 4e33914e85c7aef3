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
    {"unkind.blanks", "kept",
     "blanks at the ends of a value that is written: kept, trimmed, or padded with one",
     "kept|trimmed|padded"},
    {"unkind.by-id", "shown",
     "reading one account by its id: shown; gone: 404 while no listing shows it; none: there is no such call",
     "shown|gone|none"},
    {"unkind.closes-after-ms", "-1",
     "each connection is closed so many milliseconds after its first reply, which does not say so; -1: never",
     "number"},
    {"unkind.create", "done",
     "what becomes of a create: lost (done, the connection ends), 429, 500 and 502 (done, answered so), "
     "no-id (done, the reply names nobody), other-id (done, the reply names the first account there is), "
     "refused (422, nothing happens)",
     "done|lost|429|500|502|no-id|other-id|refused"},
    {"unkind.create-for", "", "the keys that unkind.create is for, by commas; empty: all"},
    {"unkind.create-once", "false", "unkind.create is for the first create of each key only", "flag"},
    {"unkind.cuts", "0", "values are cut after so many bytes; 0: never", "number"},
    {"unkind.edges", "kept", "memberships that are written: kept, or ignored with a success", "kept|ignored"},
    {"unkind.forbidden", "", "groups that nobody can be taken out of (403), by commas"},
    {"unkind.forms", "kept", "accented letters of a value that is written: kept, composed or decomposed",
     "kept|composed|decomposed"},
    {"unkind.given", "", "a group that everybody is in by itself, whoever is taken out"},
    {"unkind.group-wait-ms", "0", "a group is read as a whole, and written as a whole so much later",
     "number"},
    {"unkind.groups", "staff,owners", "the groups there are, by commas"},
    {"unkind.hides-s", "0",
     "so many seconds after a create neither listing nor search shows the account, nor does it answer by its "
     "id",
     "number"},
    {"unkind.ids", "counted",
     "ids: counted; reused: the largest there is and one more, so that the last one comes again; renamed: "
     "made of the key, and new with it; dots: the first new account is \"..\"",
     "counted|reused|renamed|dots"},
    {"unkind.invites", "no",
     "a create is an invitation: pending until somebody accepts it (`enable`); other-id: and the reply names "
     "the invitation, not the account",
     "no|pending|other-id"},
    {"unkind.lag", "0",
     "so many complete listings after a create do not show the account, nor does the search", "number"},
    {"unkind.letters", "kept",
     "letters of a value that is written: kept, capitalised (the first), lower or upper",
     "kept|capitalised|lower|upper"},
    {"unkind.listing", "told", "listing all people: told, or refused (403)", "told|refused"},
    {"unkind.makes", "none", "a create is answered with a password that the platform made", "none|password"},
    {"unkind.nested", "",
     "group:group, the members of the second count for the first too, and cannot be taken out of it (404)"},
    {"unkind.omits", "",
     "accounts that neither listing nor search shows: disabled, pending, or both by a comma"},
    {"unkind.order", "stable", "the order of a listing: stable, or shuffled anew for each page",
     "stable|shuffled"},
    {"unkind.page-cap", "0", "pages are cut to so many accounts without a word; 0: never", "number"},
    {"unkind.paging", "heeded",
     "offset and limit of a listing: heeded; ignored: every page is all; endless: the last page is followed "
     "by the first",
     "heeded|ignored|endless"},
    {"unkind.partial", "false", "of a person's groups the last one is not told, and the total counts it",
     "flag"},
    {"unkind.refuses", "", "attributes whose update is refused with 400, by commas"},
    {"unkind.reply-delay-ms", "0", "the reply to a write leaves so long after it was done", "number"},
    {"unkind.rewrites", "mail,name,title",
     "the attributes that blanks, cuts, forms and letters are for, by commas"},
    {"unkind.search", "exact",
     "the search for a mail: exact; folded: in any letters; ignores: the filter is not heeded; none: there "
     "is none (404)",
     "exact|folded|ignores|none"},
    {"unkind.search-lag", "0", "so many searches for a new account do not find it", "number"},
    {"unkind.shows-own", "false", "listing and search show only accounts that were made through the API",
     "flag"},
    {"unkind.steps", "done", "the call that makes a new account whole: done, or refused (500)",
     "done|refused"},
    {"unkind.total-plus", "0", "the total of a listing is off by so many", "number"},
    {"unkind.unique", "true", "a mail that another account has is refused with 409, in whatever letters",
     "flag"},
    {"unkind.updates", "kept", "updates: kept, or ignored with a success", "kept|ignored"},
    {"unkind.write-reply", "right",
     "what a write that was done is answered with: right; lost: the connection ends; 429, 500, 502",
     "right|lost|429|500|502"},
    {"unkind.write-reply-every", "1", "unkind.write-reply is for every write of this number", "number"},
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
  const std::string_view choices = known(name).choices;
  const bool listed = choices.find('|') != std::string_view::npos;
  if (listed && (value.find('|') != std::string::npos ||
                 ('|' + std::string(choices) + '|').find('|' + value + '|') == std::string::npos))
    throw std::invalid_argument("switch " + name + " is one of " + std::string(choices) + ", not " + value);
  moved_[name] = std::move(value);
  if (choices == "number") number(name);
  if (choices == "flag") flag(name);
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
