#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/capabilities.hpp"
#include "state/model/fingerprint.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

EntitlementKind kind_of(const EntitlementRecipe& recipe, const std::shared_ptr<const Language>& language) {
  EntitlementKind kind;
  kind.name = recipe.kind;
  kind.add = recipe.add.has_value() || recipe.set.has_value();
  kind.remove = recipe.remove.has_value() || recipe.set.has_value();
  kind.change = recipe.change.has_value();
  kind.add_before_remove = recipe.add_before_remove;
  kind.keeps_last = recipe.keeps_last;
  kind.parallel = recipe.parallel || recipe.batch > 0;  // a batch waits for the one before it by itself
  kind.sets = recipe.set.has_value();
  kind.details = recipe.details;
  kind.default_details = recipe.default_details;
  if (recipe.closure) {
    kind.closure = [language, closure = *recipe.closure](std::vector<std::string> details) {
      Scope scope(*language);
      scope.set(Variable::details, details);
      const auto closed = closure.evaluate(scope);
      if (closed && closed->is_array()) {
        details.clear();
        for (const json& one : *closed) {
          if (one.is_string()) details.push_back(one.get<std::string>());
        }
      }
      std::sort(details.begin(), details.end());
      details.erase(std::unique(details.begin(), details.end()), details.end());
      return details;
    };
  }
  return kind;
}

bool takes_secret(const Recipe& recipe, const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    const CredentialRecipe* rotated = step.rotate.empty() ? nullptr : recipe.credential(step.rotate);
    return rotated != nullptr && rotated->kind.generated;
  });
}

// Everything a plan depends on, as text: what can be done, and the recipe that does it.
std::string digest_of(const Capabilities& can, const Recipe& recipe) {
  json all = json::array();
  for (const Attribute& one : can.schema.attributes) {
    all.push_back({one.path, to_string(one.type), one.required, one.creatable, one.updatable, one.readable,
                   one.clearable, one.secret, one.normalise.trim, one.normalise.lower, one.normalise.nfc,
                   one.max_length.value_or(0)});
    if (one.unique) all.back().push_back("unique");
    if (!one.pattern.empty()) all.back().push_back(one.pattern);
  }
  all.push_back({can.create, can.read, can.find, can.enable, can.disable, can.lock, can.remove,
                 can.create_disabled, can.updates_need_active, can.natural_key, can.label, can.first_secret,
                 can.unlock, can.locking.takes, can.locking.sets, can.locking.shows, can.create_gives,
                 can.leaving});
  for (const UpdateRoute& route : can.updates) all.push_back({route.name, route.attributes});
  for (const EntitlementKind& kind : can.entitlements) {
    all.push_back({kind.name, kind.add, kind.remove, kind.change, kind.add_before_remove, kind.keeps_last,
                   kind.details, kind.default_details, kind.closure(kind.details)});
  }
  return public_digest(all.dump() + "\n" + recipe.chosen + "\n" + recipe.text);
}

}  // namespace

Capabilities capabilities_of(const Recipe& recipe) {
  const UserRecipe& user = recipe.user;
  Capabilities can;
  for (const AttributeRecipe& one : user.attributes) {
    Attribute attribute = one.place.attribute;
    attribute.creatable = attribute.creatable && user.create.has_value();
    can.schema.attributes.push_back(std::move(attribute));
  }
  can.concurrency = static_cast<unsigned>(recipe.budget.concurrency);
  for (const EntitlementRecipe& one : recipe.entitlements)
    can.together = std::max(can.together, static_cast<unsigned>(std::min(one.batch, most_together)));
  can.create = user.create.has_value();
  can.read = user.get.has_value();
  can.find = !user.finds.empty();
  can.enable = !user.enable.empty();
  can.disable = !user.disable.empty();
  can.lock = !user.lock.empty();
  can.unlock = !user.unlock.empty();
  can.lock_secret = takes_secret(recipe, user.lock);
  can.unlock_secret = takes_secret(recipe, user.unlock);
  can.locking = user.locking;
  can.leaving = recipe.leaving;
  for (const CredentialRecipe& one : recipe.credentials) can.credentials.push_back(one.kind);
  if (user.create) can.create_gives = user.create->gives;
  can.remove = !user.remove.empty();
  can.create_disabled = user.create && user.create->disabled;
  can.updates_need_active = user.updates_need_active;
  can.natural_key = user.key;
  can.label = user.label;
  for (const UpdateRecipe& route : user.updates) can.updates.push_back({route.name, route.attributes});
  for (const EntitlementRecipe& one : recipe.entitlements) {
    can.entitlements.push_back(kind_of(one, recipe.language));
  }
  can.omits = user.omits;
  can.secrets = recipe.secrets;
  can.first_secret = user.create && user.create->takes_secret;
  can.asks_self = user.self.has_value();
  can.answers_secret = user.create && !user.create->answers.empty();
  can.create_has_steps = user.create && !user.create->then.empty();
  if (user.create) can.create_lag = user.create->lag.value_or(std::chrono::seconds(0));
  can.digest = digest_of(can, recipe);
  return can;
}

}  // namespace usher::recipe
