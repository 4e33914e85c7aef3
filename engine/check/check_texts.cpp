#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/check/checks.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// A text that some platform rewrites, and what a recipe says then.
struct Text {
  const char* what;
  const char* text;
  const char* normalise;
};

constexpr std::array<Text, 3> texts{{{"capital and foreign letters", "Usher TEST \u00C9\u00DF", "lower"},
                                     {"blanks at the ends", " usher  test ", "trim"},
                                     {"letters with marks of their own", "Zoe\u0308 usher", "nfc"}}};

/// Writes one attribute after another, and leaves each as it was.
class TextTrial {
 public:
  TextTrial(Connector& connector, const std::string& account, Checks& checks, const std::stop_token& stop)
      : connector_(connector), account_(account), checks_(checks), stop_(stop) {}

  void run() {
    const Capabilities& can = connector_.capabilities();
    if (!can.read) return;
    for (const UpdateRoute& route : can.updates) {
      for (const std::string& path : route.attributes) {
        const Attribute& attribute = *can.schema.find(path);
        const bool plain = attribute.type == AttributeType::string && attribute.readable &&
                           !attribute.secret && attribute.pattern.empty() && path != can.natural_key;
        if (plain) try_attribute(route, attribute);
      }
    }
  }

 private:
  std::optional<json> held(const std::string& path) {
    const auto account = connector_.read({.id = account_, .kinds = no_kinds}, stop_);
    if (!account || !*account) return std::nullopt;
    return at_path(json::parse((*account)->attributes), path);
  }

  Outcome<Receipt> write(const UpdateRoute& route, const std::string& path, const json& value) {
    Operation change;
    change.kind = OperationKind::update;
    change.account = account_;
    change.route = route.name;
    change.after[path] = value;
    return connector_.apply(change, {}, stop_);
  }

  // An address or the like takes no such text; that is told as no fault.
  void try_attribute(const UpdateRoute& route, const Attribute& attribute) {
    const auto before = held(attribute.path);
    if (!before ||
        (before->is_string() && before->get_ref<const std::string&>().find('@') != std::string::npos))
      return;
    for (const Text& one : texts) {
      const std::string name = fmt::format("keeps {} in {}", one.what, attribute.path);
      const auto receipt = write(route, attribute.path, one.text);
      if (!receipt) {
        checks_.not_possible(name, "it is not taken: " + describe(receipt.error()));
        continue;
      }
      const json expected = normalised(json(one.text), attribute);
      const auto reads = held(attribute.path);
      checks_.judge(name, reads == expected
                              ? ""
                              : fmt::format("{} was written and reads {}; normalise: [{}] may say so",
                                            escaped(expected.dump()), escaped(reads.value_or(json()).dump()),
                                            one.normalise));
    }
    if (!before->is_null() || attribute.clearable) write(route, attribute.path, *before);
  }

  Connector& connector_;
  const std::string& account_;
  Checks& checks_;
  const std::stop_token& stop_;
};

}  // namespace

void try_texts(Connector& connector, const std::string& account, Checks& checks,
               const std::stop_token& stop) {
  TextTrial(connector, account, checks, stop).run();
}

}  // namespace usher
