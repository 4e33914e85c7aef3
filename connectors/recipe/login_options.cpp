#include "connectors/recipe/login_options.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace usher::recipe {

namespace {

using nlohmann::json;

/// The name of an option in expressions.
std::string field_of(const Option& option) {
  std::string name = option.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// Tries what a method proves itself with, and gathers the options for want of which an expression fails.
class Trial {
 public:
  Trial(const Recipe& recipe, const json& config) : config_(config), scope_(*recipe.language, config) {
    scope_.set_text(Variable::token, "token");
  }

  bool holds(const AuthRecipe& method) { return !method.when || method.when->holds(scope_); }

  std::set<std::string> lacking(const AuthRecipe& method) {
    lacking_.clear();
    attempt(method.user);
    attempt(method.password);
    attempt(method.headers);
    if (method.login) {
      attempt(method.login->path);
      attempt(method.login->query);
      attempt(method.login->headers);
      attempt(method.login->form);
      if (method.login->body) attempt(*method.login->body);
    }
    return lacking_;
  }

 private:
  void attempt(const Expression& expression) {
    if (expression.evaluate(scope_)) return;
    for (const std::string& field : expression.program().fields("config"))
      if (!field.empty() && !config_.contains(field)) lacking_.insert(field);
  }
  void attempt(const TextTemplate& text) {
    for (const TextTemplate::Piece& piece : text.pieces())
      if (piece.expression) attempt(*piece.expression);
  }
  void attempt(const std::vector<std::pair<std::string, TextTemplate>>& texts) {
    for (const auto& [name, text] : texts) attempt(text);
  }
  void attempt(const BodyTemplate& tree) {
    if (tree.leaf) attempt(*tree.leaf);
    for (const BodyTemplate::Member& member : tree.members)
      if (!member.optional) attempt(member.value);
  }

  const json& config_;
  Scope scope_;
  std::set<std::string> lacking_;
};

/// The options of these fields, in the order of the recipe.
std::vector<std::string> options_named(const Recipe& recipe, const std::set<std::string>& fields) {
  std::vector<std::string> names;
  for (const Option& option : recipe.options)
    if (fields.contains(field_of(option))) names.push_back(option.name);
  return names;
}

/// Options that say that another method is to be used, and are not given.
std::set<std::string> chooses(const AuthRecipe& method, const json& config) {
  std::set<std::string> fields;
  if (!method.when) return fields;
  for (const std::string& field : method.when->program().fields("config"))
    if (!field.empty() && !config.contains(field)) fields.insert(field);
  return fields;
}

/// "'email' and 'password'"
std::string listed(const std::vector<std::string>& names, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? last : ", ") + ("'" + names[i] + "'");
  return text;
}

json standard_values(const Recipe& recipe) {
  json config = json::object();
  for (const Option& option : recipe.options)
    if (!option.default_value.empty()) config[field_of(option)] = option.default_value;
  return config;
}

}  // namespace

std::string lacking_for_login(const Recipe& recipe, const json& config) {
  Trial trial(recipe, config);
  std::set<std::string> others;
  for (const AuthRecipe& method : recipe.auth) {
    if (!trial.holds(method)) {
      others.merge(chooses(method, config));
      continue;
    }
    const std::vector<std::string> lacking = options_named(recipe, trial.lacking(method));
    if (lacking.empty()) return {};
    for (const std::string& one : lacking) others.erase(one);
    const std::vector<std::string> in_place = options_named(recipe, others);
    return "needs " + listed(lacking, " and ") + " to log in" +
           (in_place.empty() ? "" : ", or " + listed(in_place, " or ") + " instead");
  }
  return {};
}

std::vector<std::string> login_options(const Recipe& recipe) {
  if (recipe.auth.empty()) return {};
  const json config = standard_values(recipe);
  const auto usual = std::find_if(recipe.auth.begin(), recipe.auth.end(),
                                  [](const AuthRecipe& method) { return !method.when; });
  const AuthRecipe& method = usual == recipe.auth.end() ? recipe.auth.front() : *usual;
  std::set<std::string> fields = Trial(recipe, config).lacking(method);
  fields.merge(chooses(method, config));
  return options_named(recipe, fields);
}

}  // namespace usher::recipe
