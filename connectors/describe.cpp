#include "connectors/describe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "connectors/recipe/advice.hpp"
#include "connectors/recipe/capabilities.hpp"
#include "connectors/recipe/library.hpp"

namespace usher {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// The attributes a test holds for, by path.
template <class Test>
std::string attributes(const Schema& schema, Test test) {
  std::vector<std::string> paths;
  for (const Attribute& attribute : schema.attributes) {
    if (test(attribute)) paths.push_back(attribute.path);
  }
  return joined(paths);
}

void about_lifecycle(const Capabilities& can, std::vector<std::string>& words) {
  if (!can.create) words.push_back("It cannot create accounts.");
  if (can.create) {
    words.push_back("It creates accounts" + std::string(can.create_disabled ? ", disabled ones too" : "") +
                    (can.first_secret ? fmt::format(", with a first secret of {} to {} characters.",
                                                    can.secrets.shortest, can.secrets.longest)
                                      : "."));
  }
  if (can.enable && can.disable) words.push_back("It disables and enables accounts.");
  if (can.disable && !can.enable) words.push_back("It disables accounts for good.");
  if (!can.disable) {
    words.push_back("It cannot disable accounts: " +
                    std::string(can.lock     ? "they can be locked"
                                : can.remove ? "they can only be deleted"
                                             : "leavers are reported") +
                    ".");
  }
  words.push_back(can.remove ? "It deletes accounts for good." : "It cannot delete accounts.");
}

void about_attributes(const Capabilities& can, std::vector<std::string>& words) {
  const auto line = [&](const std::string& before, const std::string& paths, const std::string& after = ".") {
    if (!paths.empty()) words.push_back(before + paths + after);
  };
  if (can.updates.empty()) words.push_back("It cannot change accounts: what differs is reported.");
  line("Attributes that can be changed: ",
       attributes(can.schema, [](const Attribute& a) { return a.updatable; }));
  line("Attributes that are given once and stay: ",
       attributes(can.schema, [](const Attribute& a) { return a.creatable && !a.updatable; }));
  line("Attributes that can only be read: ",
       attributes(can.schema, [](const Attribute& a) { return !a.creatable && !a.updatable; }));
  line("Attributes that pulls do not show: ",
       attributes(can.schema, [](const Attribute& a) { return !a.readable || a.secret; }));
  if (can.updates_need_active) words.push_back("A disabled account cannot be changed: it is enabled first.");
  if (can.natural_key.empty()) {
    words.push_back("No attribute is unique: two accounts may look alike, and are reported then.");
  } else {
    words.push_back("Accounts are unique by " + can.natural_key + ".");
  }
}

void about_entitlements(const Capabilities& can, std::vector<std::string>& words) {
  if (can.entitlements.empty()) words.push_back("It knows no groups.");
  for (const EntitlementKind& kind : can.entitlements) {
    std::vector<std::string> acts;
    if (kind.add) acts.push_back("added");
    if (kind.change) acts.push_back("changed");
    if (kind.remove) acts.push_back("removed");
    std::string line =
        "Memberships in a " + kind.name + " are read" + (acts.empty() ? " only" : ", " + joined(acts));
    if (!kind.details.empty()) line += "; with details: " + joined(kind.details);
    words.push_back(line + ".");
  }
}

// "Credential api-token: listed, revoked. Leavers lose it."
void about_credentials(const Capabilities& can, std::vector<std::string>& words) {
  for (const CredentialKind& kind : can.credentials) {
    std::vector<std::string> acts;
    if (kind.list) acts.push_back("listed");
    if (kind.rotate) {
      acts.push_back(kind.generated  ? "renewed with a secret that usher makes"
                     : kind.answered ? "renewed with a secret that the platform makes"
                                     : "renewed by the platform, which tells the person itself");
    }
    if (kind.revoke) acts.push_back("revoked");
    std::string line = "Credential " + kind.name;
    if (kind.own) line += " (usher's own)";
    if (!kind.holder.empty()) line += " (of a " + kind.holder + ")";
    line += ": " + joined(acts) + ".";
    const bool lost = std::find(can.leaving.begin(), can.leaving.end(), kind.name) != can.leaving.end();
    words.push_back(line + (lost ? " Leavers lose it." : ""));
  }
}

void about_locks(const Capabilities& can, std::vector<std::string>& words) {
  if (!can.lock) return;
  std::string line = "A lock takes the ways in";
  if (!can.locking.takes.empty()) line += " and every " + joined(can.locking.takes);
  line += can.locking.shows.empty() ? "; nothing on the platform shows it, usher remembers it"
                                    : "; it can be seen on the platform";
  words.push_back(line + (can.unlock ? ". It can be undone." : ". It cannot be undone."));
}

}  // namespace

std::vector<std::string> in_words(const Capabilities& capabilities) {
  std::vector<std::string> words;
  about_lifecycle(capabilities, words);
  about_attributes(capabilities, words);
  about_entitlements(capabilities, words);
  about_locks(capabilities, words);
  about_credentials(capabilities, words);
  return words;
}

std::vector<std::string> choices(const Capabilities& capabilities) {
  const Capabilities& can = capabilities;
  std::vector<std::string> lines;
  if (!can.disable) {
    std::string line =
        "leavers: {without-disable: report} leaves leavers as they are and says so, the default";
    if (can.lock) line += "; lock takes away the use of the account";
    if (can.remove) line += "; delete deletes the account";
    lines.push_back(line + ".");
  }
  const std::string fixed = attributes(
      can.schema, [](const Attribute& a) { return a.creatable && !a.updatable && a.readable && !a.secret; });
  if (can.create && can.remove && !fixed.empty()) {
    lines.push_back("without-update: report says that " + fixed +
                    " cannot be changed, the default; recreate deletes the account and makes it anew.");
  }
  return lines;
}

std::optional<Description> describe_connector(const std::string& name, const ConnectorContext& context) {
  auto kind = find_connector_kind(name, context);
  if (!kind) return std::nullopt;
  Description description{.kind = std::move(*kind), .documentation = {}, .recipe = {}, .capabilities = {}};
  if (const auto recipe = recipe::find(name, context); recipe && *recipe) {
    description.documentation = (*recipe)->documentation;
    description.recipe = (*recipe)->text;
    description.capabilities = recipe::capabilities_of(**recipe);
  }
  return description;
}

Lint lint_recipe(const std::string& text, const std::string& file) {
  Lint lint{.name = file, .mistakes = {}, .warnings = {}};
  const auto loaded = recipe::load(text, file);
  if (loaded) {
    lint.warnings = recipe::advice(**loaded);
  } else {
    lint.mistakes = loaded.error();
  }
  const std::string stem = std::filesystem::path(file).stem().string();
  if (loaded && (*loaded)->name != stem && !file.starts_with(recipe::built_in_mark)) {
    lint.mistakes.push_back({{.file = file, .line = 1, .column = 1},
                             "the file should be called " + (*loaded)->name + ".yaml, as its name says",
                             {}});
  }
  return lint;
}

Lint lint_connector(const std::string& word, const ConnectorContext& context) {
  const auto found =
      word.find_first_of("./") == std::string::npos ? recipe::source(word, context) : std::nullopt;
  if (found) return lint_recipe(found->text, found->file);
  std::ifstream stream(word, std::ios::binary);
  if (!stream || std::filesystem::is_directory(word)) {
    throw std::runtime_error("there is no recipe '" + word + "', and no file of that name can be read");
  }
  return lint_recipe(std::string(std::istreambuf_iterator<char>(stream), {}), word);
}

std::vector<std::string> broken_recipes(const ConnectorContext& context) {
  std::vector<std::string> broken;
  for (const std::string& name : recipe::names(context)) {
    if (!recipe::find(name, context)) broken.push_back(name);
  }
  return broken;
}

}  // namespace usher
