#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "state/model/normalise.hpp"

namespace usher::recipe {
CredentialRecipe Loader::credential(const std::string& kind, const Node& node) {
  CredentialRecipe result;
  const std::string what = "credentials." + kind;
  Mapping from(document_, node, what, credential_shape());
  const Known known{Variable::config, Variable::account};
  result.kind.name = kind;
  result.kind.about = from.text("about").value_or("");
  result.kind.own = from.boolean("own").value_or(false);
  result.kind.holder = from.text("holder").value_or("");
  result.id = from.path("id").value_or("id");
  result.name = from.text("name").value_or("");
  result.expires = from.text("expires").value_or("");
  if (const Node& list = from.at("list"); is_given(list)) result.list = listing(list, known, what + ".list");
  result.only = texts(from.at("only"), {Variable::config}, what + ".only");
  Known rotating = known;
  rotating.insert(rotating.end(), {Variable::secret, Variable::answer});
  result.rotate = calls(from.at("rotate"), rotating, what + ".rotate");
  result.answers = from.path("answers").value_or("");
  if (const Node& revoke = from.at("revoke"); is_given(revoke)) {
    Mapping how(document_, revoke, what + ".revoke", call_shape());
    Known revoking = known;
    if (result.list) revoking.push_back(Variable::credential);
    result.revoke = call(how, revoking);
  }
  if (!result.answers.empty() && result.rotate.empty())
    document_.mistake(from.at("answers"), "answers needs 'rotate': the call that makes the new secret");
  if (result.rotate.empty() && !result.revoke && !result.list)
    document_.mistake(node, what + " needs list, rotate or revoke");
  result.kind.list = result.list.has_value();
  result.kind.rotate = !result.rotate.empty();
  result.kind.generated = std::any_of(result.rotate.begin(), result.rotate.end(), sends_secret);
  result.kind.answered = !result.answers.empty();
  for (Call& call : result.rotate) call.secret_reply = result.kind.answered;
  result.kind.revoke = result.revoke.has_value();
  if (result.kind.generated && result.kind.answered)
    document_.mistake(node,
                      "either usher makes the secret (the variable 'secret') or the platform ('answers')");
  return result;
}

std::vector<Step> Loader::steps(const Node& node, const std::string& what) {
  std::vector<Step> result;
  if (!is_given(node)) return result;
  const auto read = [&](const Node& one) {
    Step step;
    if (one.find("revoke") != nullptr || one.find("rotate") != nullptr) {
      Mapping from(document_, one, what, credential_step_shape());
      step.revoke = from.text("revoke").value_or("");
      step.rotate = from.text("rotate").value_or("");
      if (one.find("revoke") != nullptr && one.find("rotate") != nullptr)
        document_.mistake(one, what + ": a step has 'revoke' or 'rotate', not both");
    } else {
      Mapping from(document_, one, what, call_shape());
      step.call = call(from, {Variable::config, Variable::account, Variable::fresh, Variable::etag});
    }
    result.push_back(std::move(step));
  };
  if (node.is_list()) {
    for (const Node& one : node.items) read(one);
  } else {
    read(node);
  }
  return result;
}

void Loader::lock(const Node& node, UserRecipe& user) {
  if (!is_given(node)) return;
  bool whole = false;
  if (node.is_map()) {
    for (const Entry& entry : node.entries) whole = whole || entry.key.text == "steps";
  }
  if (!whole) {
    user.lock = steps(node, "user.lock");
    return;
  }
  Mapping from(document_, node, "user.lock", lock_shape());
  user.lock = steps(from.at("steps"), "user.lock.steps");
  user.locking.takes = from.texts("takes").value_or(std::vector<std::string>{});
  const auto values = [&](const char* key) {
    AttributeValues read;
    const Node& named = from.at(key);
    if (!is_given(named)) return read;
    if (!named.is_map()) {
      document_.mistake(named, std::string(key) + " must be a mapping of attributes to values");
      return read;
    }
    for (const Entry& entry : named.entries) {
      const std::string path = entry.key.text;
      const auto found =
          std::find_if(user.attributes.begin(), user.attributes.end(),
                       [&](const AttributeRecipe& one) { return one.place.attribute.path == path; });
      if (found == user.attributes.end()) {
        document_.mistake(entry.key, "'" + path + "' is no attribute");
      } else {
        read.emplace_back(path, normalised(plain_json(entry.value), found->place.attribute).dump());
      }
    }
    std::sort(read.begin(), read.end());
    return read;
  };
  user.locking.sets = values("set");
  user.locking.shows = values("shows");
  for (const auto& [path, value] : user.locking.sets) {
    const bool written =
        std::any_of(user.updates.begin(), user.updates.end(), [&, p = path](const auto& route) {
          return std::find(route.attributes.begin(), route.attributes.end(), p) != route.attributes.end();
        });
    if (!written) document_.mistake(from.at("set"), "no update route writes '" + path + "'");
  }
}

void Loader::credentials(Mapping& top, Recipe& recipe) {
  const Node& node = top.at("credentials");
  if (is_given(node) && !node.is_map()) {
    document_.mistake(node, "credentials must be a mapping of kinds");
  } else if (is_given(node)) {
    for (const Entry& entry : node.entries)
      recipe.credentials.push_back(credential(entry.key.text, entry.value));
  }
  std::sort(recipe.credentials.begin(), recipe.credentials.end(),
            [](const auto& a, const auto& b) { return a.kind.name < b.kind.name; });
  recipe.leaving = top.texts("leaving").value_or(std::vector<std::string>{});
  const auto check = [&](const Node& where, const std::string& kind, bool rotates) {
    const CredentialRecipe* known = recipe.credential(kind);
    if (known == nullptr) {
      document_.mistake(where, "there is no credential '" + kind + "'");
    } else if (rotates ? known->rotate.empty() : !known->revoke) {
      document_.mistake(where, "credential '" + kind + "' has no '" + (rotates ? "rotate'" : "revoke'"));
    }
  };
  for (const std::string& kind : recipe.leaving) check(top.at("leaving"), kind, false);
  const Node& user = top.at("user");
  const auto place_of = [&user](const char* key) -> const Node& {
    const Node* named = user.find(key);
    return named == nullptr ? user : *named;
  };
  const auto check_steps = [&](const char* key, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (!step.revoke.empty()) check(place_of(key), step.revoke, false);
      if (!step.rotate.empty()) check(place_of(key), step.rotate, true);
    }
  };
  check_steps("lock", recipe.user.lock);
  check_steps("unlock", recipe.user.unlock);
  const auto check_kinds = [&](const char* key, const std::vector<std::string>& kinds) {
    for (const std::string& kind : kinds) {
      if (recipe.entitlement(kind) == nullptr)
        document_.mistake(place_of(key), "there is no entitlement '" + kind + "'");
    }
  };
  check_kinds("lock", recipe.user.locking.takes);
  if (recipe.user.create) check_kinds("create", recipe.user.create->gives);
}

}  // namespace usher::recipe
