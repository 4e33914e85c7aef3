#include "connectors/describe.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "connectors/recipe/library.hpp"
#include "connectors/recipe/recipe_connector.hpp"

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
                    (can.first_secret ? ", with a first secret." : "."));
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
  line("Attributes that are written and never compared: ",
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

}  // namespace

std::vector<std::string> in_words(const Capabilities& capabilities) {
  std::vector<std::string> words;
  about_lifecycle(capabilities, words);
  about_attributes(capabilities, words);
  about_entitlements(capabilities, words);
  return words;
}

std::optional<Capabilities> capabilities_of_kind(const std::string& name, const ConnectorContext& context) {
  const auto recipe = recipe::find(name, context);
  if (!recipe || !*recipe) return std::nullopt;
  return recipe::capabilities_of(**recipe);
}

std::vector<Mistake> lint_recipe(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error("cannot read " + file.string());
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto loaded = recipe::load(text, file.string());
  std::vector<Mistake> mistakes = loaded ? std::vector<Mistake>() : loaded.error();
  if (loaded && (*loaded)->name != file.stem().string()) {
    mistakes.push_back({{.file = file.string(), .line = 1, .column = 1},
                        "the file should be called " + (*loaded)->name + ".yaml, as its name says",
                        {}});
  }
  return mistakes;
}

}  // namespace usher
