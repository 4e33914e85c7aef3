#include <re2/re2.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/recipe_shape.hpp"
#include "state/model/suggestion.hpp"

namespace usher::recipe {
namespace {

Normalisation normalisation(Mapping& from) {
  Normalisation how;
  for (const std::string& name : from.texts("normalise").value_or(std::vector<std::string>{})) {
    if (name == "trim") {
      how.trim = true;
    } else if (name == "lower") {
      how.lower = true;
    } else if (name == "nfc") {
      how.nfc = true;
    } else {
      from.document().mistake(from.at("normalise"),
                              "normalise knows trim, lower and nfc, not '" + name + "'");
    }
  }
  return how;
}

AttributeRecipe load_attribute(Document& document, const std::string& path, const Node& node) {
  AttributeRecipe result;
  Attribute& attribute = result.place.attribute;
  attribute.path = path;
  Mapping from(document, node, "attribute '" + path + "'", attribute_shape());
  attribute.type = static_cast<AttributeType>(from.choice("type").value_or(0));
  attribute.about = from.text("about").value_or("");
  attribute.required = from.boolean("required").value_or(false);
  attribute.creatable = from.boolean("creatable").value_or(true);
  attribute.readable = from.boolean("readable").value_or(true);
  attribute.clearable = from.boolean("clearable").value_or(true);
  attribute.secret = from.boolean("secret").value_or(false);
  attribute.unique = from.boolean("unique").value_or(false);
  attribute.normalise = normalisation(from);
  if (const auto most = from.integer("max-length")) attribute.max_length = static_cast<std::size_t>(*most);
  attribute.pattern = from.text("pattern").value_or("");
  if (!attribute.pattern.empty() && !re2::RE2(attribute.pattern, re2::RE2::Quiet).ok())
    document.mistake(from.at("pattern"), "pattern is no regular expression (RE2)");
  result.place.places = from.texts("read").value_or(std::vector<std::string>{path});
  result.written = from.text("write").value_or(path);
  const Node& empty = from.at("empty");
  if (is_given(empty)) {
    result.empty = plain_json(empty);
  }
  return result;
}

}  // namespace

std::vector<Option> load_options(Document& document, const Node& node) {
  std::vector<Option> options;
  if (!is_given(node)) return options;
  if (!node.is_map()) {
    document.mistake(node, "options must be a mapping of names to {type: …, about: …}");
    return options;
  }
  for (const Entry& entry : node.entries) {
    Option option;
    option.name = entry.key.text;
    if (option.name == needs_name)
      document.mistake(entry.key, "no option can be called 'needs': config.needs is what the rules use");
    Mapping from(document, entry.value, "option '" + option.name + "'", option_shape());
    option.type = from.choice("type") ? from.at("type").text : "string";
    option.required = from.boolean("required").value_or(false);
    option.default_value = from.text("default").value_or("");
    option.about = from.text("about").value_or("");
    option.choices = from.texts("choices").value_or(std::vector<std::string>{});
    const bool good =
        !option.name.empty() &&
        option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!good) document.mistake(entry.key, "an option's name is made of a-z, 0-9 and -");
    for (const Option& common : common_options()) {
      if (common.name == option.name)
        document.mistake(entry.key, "every recipe already has '" + option.name + "'");
    }
    options.push_back(std::move(option));
  }
  return options;
}

std::vector<AttributeRecipe> load_attributes(Document& document, const Node& node) {
  std::vector<AttributeRecipe> attributes;
  if (!is_given(node)) return attributes;
  if (!node.is_map()) {
    document.mistake(node, "attributes must be a mapping of paths to their properties");
    return attributes;
  }
  for (const Entry& entry : node.entries) {
    const std::string path = entry.key.text;
    const bool plain = std::none_of(path.begin(), path.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    });
    if (!plain || path.empty() || path.starts_with('.') || path.ends_with('.') ||
        path.find("..") != std::string::npos)
      document.mistake(entry.key,
                       "the name of an attribute is made of names with dots between them, without quotes, "
                       "backslashes and line breaks: call it something simple, and say with 'read' and "
                       "'write' where it stands");
    std::string_view rest = path;
    while (!rest.empty()) {
      const bool bracket = rest.starts_with('[');
      if (bracket || list_index(take_step(rest))) {
        document.mistake(entry.key,
                         "call the attribute something simple, and say with 'read' and 'write' that it "
                         "stands at " +
                             path);
        break;
      }
    }
    attributes.push_back(load_attribute(document, path, entry.value));
  }
  for (const AttributeRecipe& one : attributes) {
    for (const AttributeRecipe& other : attributes) {
      if (other.place.attribute.path.starts_with(one.place.attribute.path + ".")) {
        document.mistake(node, "'" + other.place.attribute.path + "' stands inside '" +
                                   one.place.attribute.path + "': one of them is enough");
      }
    }
  }
  std::sort(attributes.begin(), attributes.end(), [](const AttributeRecipe& a, const AttributeRecipe& b) {
    return a.place.attribute.path < b.place.attribute.path;
  });
  return attributes;
}

CreateRecipe Loader::create(const Node& node) {
  CreateRecipe create;
  Mapping from(document_, node, "user.create", create_shape());
  create.call = call(from, {Variable::config, Variable::wanted, Variable::written, Variable::active,
                            Variable::secret, Variable::given});
  create.object = from.path("object").value_or("");
  create.id = from.path("id").value_or("");
  create.secret = from.text("secret").value_or("");
  create.then = calls(from.at("then"),
                      {Variable::config, Variable::account, Variable::wanted, Variable::active,
                       Variable::secret, Variable::given, Variable::answer},
                      "user.create.then");
  if (std::any_of(create.then.begin(), create.then.end(), [](const Call& one) { return one.replace; }))
    document_.mistake(from.at("then"), "'replace' makes no sense here: what is written stands in 'body'");
  create.takes_secret = !create.secret.empty() || sends_secret(create.call) ||
                        std::any_of(create.then.begin(), create.then.end(), sends_secret);
  create.disabled = from.boolean("disabled").value_or(false);
  create.gives = from.texts("gives").value_or(std::vector<std::string>{});
  create.answers = from.path("answers").value_or("");
  if (const Node& ask = from.at("ask"); is_given(ask)) {
    Mapping question(document_, ask, "user.create.ask", call_shape());
    create.ask = call(question, {Variable::config, Variable::account});
    if (create.answers.empty())
      document_.mistake(ask, "ask needs 'answers': where the secret stands in the reply");
  }
  if (!create.answers.empty()) (create.ask ? *create.ask : create.call).secret_reply = true;
  if (!create.answers.empty() && !create.secret.empty())
    document_.mistake(node,
                      "either usher makes the first secret ('secret') or the platform does ('answers')");
  if (const auto within = from.duration("session-proven-within")) {
    create.session_proven = std::chrono::duration_cast<std::chrono::seconds>(*within);
  }
  if (const auto lag = from.duration("lag")) create.lag = std::chrono::ceil<std::chrono::seconds>(*lag);
  return create;
}

UserRecipe Loader::user(const Node& node, std::vector<AttributeRecipe> attributes) {
  UserRecipe user;
  user.attributes = std::move(attributes);
  Mapping from(document_, node, "user", user_shape());
  for (const Entry& entry : from.at("attributes").entries) {
    if (!entry.value.is_map()) continue;
    for (AttributeRecipe& one : user.attributes) {
      if (one.place.attribute.path != entry.key.text) continue;
      for (const Entry& key : entry.value.entries) {
        if (key.key.text == "write-as") one.as = expression(key.value, {Variable::config, Variable::value});
      }
    }
  }
  user.id = from.path("id").value_or("id");
  user.key = from.text("key").value_or("");
  user.label = from.text("label").value_or(user.key);
  const auto known_attribute = [&](const std::string& key, const std::string& path) {
    const bool known =
        std::any_of(user.attributes.begin(), user.attributes.end(),
                    [&](const AttributeRecipe& one) { return one.place.attribute.path == path; });
    if (known || path.empty()) return;
    std::vector<std::string> paths;
    for (const AttributeRecipe& one : user.attributes) paths.push_back(one.place.attribute.path);
    document_.mistake(from.at(key), "'" + path + "' is no attribute" + did_you_mean(path, paths));
  };
  known_attribute("key", user.key);
  if (is_given(from.at("label"))) known_attribute("label", user.label);

  if (const Node& active = from.at("active"); is_given(active)) {
    Mapping rule(document_, active, "user.active", active_shape());
    user.active.place = rule.text("at").value_or("");
    const Node& is = rule.at("is");
    const Node& unless = rule.at("unless");
    if (is_given(is) == is_given(unless)) {
      document_.mistake(active,
                        "active needs 'is' (values of an active account) or 'unless' (of an inactive one)");
    }
    user.active.active_when = is_given(is);
    const Node& values = is_given(is) ? is : unless;
    if (is_given(values) && values.is_list()) {
      for (const Node& value : values.items) user.active.values.push_back(plain_json(value).dump());
    } else if (is_given(values)) {
      user.active.values.push_back(plain_json(values).dump());
    }
  }

  const Known reading{Variable::config};
  const Node& list = from.at("list");
  if (is_given(list) && list.is_list()) {
    for (const Node& one : list.items) user.listings.push_back(listing(one, reading, "user.list"));
  } else if (is_given(list)) {
    user.listings.push_back(listing(list, reading, "user.list"));
  }
  user.get = lookup(from.at("get"), {Variable::config, Variable::account}, "user.get");
  user.finds = lookups(from.at("find"), {Variable::config, Variable::key}, "user.find");
  if (const Node& self = from.at("self"); is_given(self) && self.is_scalar()) {
    user.self_id = text(self, {Variable::config});
  } else {
    user.self = lookup(self, {Variable::config}, "user.self");
  }
  const bool summary =
      std::any_of(user.listings.begin(), user.listings.end(), [](const Listing& one) { return one.summary; });
  if (summary && !user.get) document_.mistake(list, "a listing that is only a summary needs 'get'");
  if (!user.finds.empty() && user.key.empty())
    document_.mistake(from.at("find"), "find needs 'key': what it looks for");
  if (const Node& node_create = from.at("create"); is_given(node_create)) user.create = create(node_create);

  if (user.create && user.create->session_proven && !user.self) {
    document_.mistake(from.at("create"), "session-proven-within needs 'self': the call that proves it");
  }

  const Known writing{Variable::config, Variable::account, Variable::fresh, Variable::etag};
  Known updating = writing;
  updating.insert(updating.end(), {Variable::wanted, Variable::written});
  if (const Node& updates = from.at("update"); is_given(updates)) {
    if (!updates.is_map()) document_.mistake(updates, "update must be a mapping of route names to calls");
    for (const Entry& entry : updates.entries) {
      UpdateRecipe update;
      update.name = entry.key.text;
      Mapping route(document_, entry.value, "user.update." + update.name, route_shape());
      update.attributes = route.texts("attributes").value_or(std::vector<std::string>{});
      update.call = call(route, updating);
      for (const std::string& path : update.attributes) {
        auto found =
            std::find_if(user.attributes.begin(), user.attributes.end(),
                         [&](const AttributeRecipe& one) { return one.place.attribute.path == path; });
        if (found != user.attributes.end()) {
          if (found->place.attribute.updatable) {
            document_.mistake(route.at("attributes"), "'" + path + "' is written by two routes");
          }
          found->place.attribute.updatable = true;
        } else {
          document_.mistake(route.at("attributes"), "'" + path + "' is no attribute");
        }
      }
      user.updates.push_back(std::move(update));
    }
  }
  user.enable = calls(from.at("enable"), writing, "user.enable");
  user.disable = calls(from.at("disable"), writing, "user.disable");
  lock(from.at("lock"), user);
  user.unlock = steps(from.at("unlock"), "user.unlock");
  if (!user.unlock.empty() && user.lock.empty())
    document_.mistake(from.at("unlock"), "unlock makes no sense without 'lock'");
  user.remove = calls(from.at("delete"), writing, "user.delete");
  user.updates_need_active = from.boolean("updates-need-active").value_or(false);
  if (const Node& all = from.at("sees-everything"); is_given(all)) {
    Mapping question(document_, all, "user.sees-everything", call_shape());
    user.sees_everything = call(question, {Variable::config, Variable::account});
  }
  user.omits = from.texts("omits").value_or(std::vector<std::string>{});
  for (const std::string& one : user.omits) {
    if (one != "pending" && one != "disabled")
      document_.mistake(from.at("omits"),
                        "a listing omits 'pending' or 'disabled' accounts, not '" + one + "'");
  }
  user.permanent = from.boolean("permanent").value_or(false);
  if (user.permanent && !user.remove.empty())
    document_.mistake(from.at("permanent"),
                      "'permanent' says that accounts cannot be deleted, and there is 'delete'");
  return user;
}

}  // namespace usher::recipe
