#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/recipe/loader.hpp"
#include "connectors/recipe/recipe_shape.hpp"

namespace usher::recipe {
namespace {

constexpr std::size_t most_variants = 50;

// The nested object type of dotted paths, with leaves of any type.
cel::Type nested(const std::vector<std::string>& paths) {
  std::map<std::string, std::vector<std::string>> inner;
  for (const std::string& path : paths) {
    const std::size_t dot = path.find('.');
    auto& below = inner[path.substr(0, dot)];
    if (dot != std::string::npos) below.push_back(path.substr(dot + 1));
  }
  std::vector<cel::Type::Field> fields;
  for (const auto& [name, below] : inner)
    fields.emplace_back(name, below.empty() ? cel::Type::dyn() : nested(below));
  return cel::Type::object(std::move(fields));
}

cel::Type config_type(const std::vector<Option>& options) {
  std::vector<cel::Type::Field> fields;
  for (const Option& option : options) {
    std::string name = option.name;
    std::replace(name.begin(), name.end(), '-', '_');
    const bool seen =
        std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
    if (seen || name == needs_name) continue;
    fields.emplace_back(name, option.type == "integer"   ? cel::Type::integer()
                              : option.type == "boolean" ? cel::Type::boolean()
                                                         : cel::Type::string());
  }
  fields.emplace_back(needs_name, cel::Type::list(cel::Type::string()));
  return cel::Type::object(std::move(fields));
}

void load_http(Loader& loader, const Node& node, Recipe& recipe) {
  Mapping from(loader.document(), node, "http", http_shape());
  const Known known{Variable::config};
  if (const Node& base = from.at("base"); is_given(base)) recipe.base = loader.text(base, known);
  recipe.headers = loader.texts(from.at("headers"), known, "http.headers");
  if (const auto time = from.duration("read-timeout")) recipe.read_timeout = *time;
  if (const auto time = from.duration("total-timeout")) recipe.total_timeout = *time;
}

void load_budget(Document& document, const Node& node, http::Budget& budget) {
  Mapping from(document, node, "budget", budget_shape());
  if (const auto rate = from.number("rate")) budget.rate = *rate;
  budget.burst = from.number("burst").value_or(std::max(1.0, budget.rate));
  if (const auto most = from.integer("concurrency")) budget.concurrency = static_cast<int>(*most);
}

void load_secrets(Document& document, const Node& node, SecretRule& secrets) {
  if (!is_given(node)) return;
  Mapping from(document, node, "secrets", secrets_shape());
  secrets.shortest = static_cast<std::size_t>(from.integer("min").value_or(secrets.shortest));
  secrets.longest = static_cast<std::size_t>(from.integer("max").value_or(secrets.longest));
  secrets.alphabet = from.text("alphabet").value_or("");
  if (secrets.shortest > secrets.longest) document.mistake(node, "secrets.min is more than secrets.max");
  if (secrets.longest < 4) document.mistake(node, "secrets.max is less than one of each kind of character");
  if (secrets.characters("").size() < fewest_secret_characters)
    document.mistake(from.at("alphabet"), "too few characters to make a secret of");
}

std::vector<std::string> paths_of(const std::vector<AttributeRecipe>& attributes) {
  std::vector<std::string> paths;
  for (const AttributeRecipe& one : attributes) {
    const std::string& path = one.place.attribute.path;
    const bool inside = std::any_of(attributes.begin(), attributes.end(), [&](const AttributeRecipe& other) {
      return path.starts_with(other.place.attribute.path + ".");
    });
    if (!inside && std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
  }
  return paths;
}

// Lays one map over another: inner maps are laid over each other, anything else takes the place.
void lay_over(Node& base, const Node& over) {
  for (const Entry& entry : over.entries) {
    const auto held = std::find_if(base.entries.begin(), base.entries.end(),
                                   [&](const Entry& known) { return known.key.text == entry.key.text; });
    if (held == base.entries.end()) {
      base.entries.push_back(entry);
    } else if (held->value.is_map() && entry.value.is_map()) {
      lay_over(held->value, entry.value);
    } else {
      held->value = entry.value;
    }
  }
}

nlohmann::json default_config(const std::vector<Option>& options) {
  nlohmann::json config = {{needs_name, needs_everything()}};
  for (const Option& option : options) {
    if (option.default_value.empty()) continue;
    std::string name = option.name;
    std::replace(name.begin(), name.end(), '-', '_');
    config[name] = option.type == "boolean"   ? nlohmann::json(option.default_value == "true")
                   : option.type == "integer" ? nlohmann::json(std::atoll(option.default_value.c_str()))
                                              : nlohmann::json(option.default_value);
  }
  return config;
}

// Which variants count: those whose condition holds for these options, or one alone to be checked.
struct Choice {
  const nlohmann::json* config = nullptr;  // null: the defaults
  std::optional<std::size_t> alone;
};

/// Answers how many there are; `chosen` becomes the numbers of those that count. What stands in the root
/// moves.
std::size_t apply_variants(Document& document, const Node& given, const std::vector<Option>& options,
                           const Choice& choice, std::string& chosen) {
  if (!is_given(given)) return 0;
  const Node variants = given;
  if (!variants.is_list()) {
    document.mistake(variants, "variants must be a list of {when: …, recipe: …}");
    return 0;
  }
  const auto language = std::make_shared<Language>(config_type(options), nested({}));
  Loader loader(document, language);
  Scope scope(*language, choice.config != nullptr ? *choice.config : default_config(options));
  if (variants.items.size() > most_variants) {
    document.mistake(variants, fmt::format("a recipe has at most {} variants", most_variants));
    return 0;
  }
  std::size_t index = 0;
  for (const Node& one : variants.items) {
    Mapping from(document, one, "variants", variant_shape());
    const auto when = loader.expression(from.at("when"), {Variable::config}, cel::Type::boolean());
    const Node& part = from.at("recipe");
    const bool counts = choice.alone ? *choice.alone == index : when && when->holds(scope);
    if (counts) chosen += fmt::format("{}{}", chosen.empty() ? "" : " ", index);
    ++index;
    if (!is_given(part) || !counts) continue;
    if (part.is_map()) {
      lay_over(document.root(), part);
    } else {
      document.mistake(part, "'recipe' must be a mapping: the part of a recipe that is different");
    }
  }
  return index;
}

struct Loaded {
  std::shared_ptr<Recipe> recipe;
  std::size_t variants = 0;
  std::vector<Diagnostic> mistakes;
};

}  // namespace

nlohmann::json needs_everything() {
  return nlohmann::json::array({"*"});
}

const EntitlementRecipe* Recipe::entitlement(std::string_view kind) const {
  const auto found = std::find_if(entitlements.begin(), entitlements.end(),
                                  [&](const EntitlementRecipe& one) { return one.kind == kind; });
  return found == entitlements.end() ? nullptr : &*found;
}

const CredentialRecipe* Recipe::credential(std::string_view kind) const {
  const auto found = std::find_if(credentials.begin(), credentials.end(),
                                  [&](const CredentialRecipe& one) { return one.kind.name == kind; });
  return found == credentials.end() ? nullptr : &*found;
}

const std::vector<Option>& common_options() {
  static const std::vector<Option> options{
      {.name = "ca-file",
       .type = "path",
       .default_value = {},
       .about = "Certificates to trust instead of the system's",
       .choices = {}},
      {.name = "proxy",
       .type = "url",
       .default_value = {},
       .about = "HTTP proxy; else what https_proxy and no_proxy say",
       .choices = {}},
      {.name = "connect-timeout",
       .type = "duration",
       .default_value = "10s",
       .about = "Longest wait for a connection",
       .choices = {}},
      {.name = "read-timeout",
       .type = "duration",
       .default_value = {},
       .about = "Longest silence within a request",
       .choices = {}},
      {.name = "total-timeout",
       .type = "duration",
       .default_value = {},
       .about = "Longest time a request may take",
       .choices = {}},
      {.name = "max-reply",
       .type = "integer",
       .default_value = "67108864",
       .about = "Largest reply, in bytes",
       .choices = {}},
      {.name = "compression",
       .type = "boolean",
       .default_value = "true",
       .about = "Ask for compressed replies",
       .choices = {}},
      {.name = "rate",
       .type = "integer",
       .default_value = {},
       .about = "Requests a second; 0 is no limit",
       .choices = {}},
      {.name = "concurrency",
       .type = "integer",
       .default_value = {},
       .about = "Requests under way at once",
       .choices = {}},
      {.name = "page-size",
       .type = "integer",
       .default_value = {},
       .about = "How many users to ask for at once, instead of what the recipe says",
       .choices = {}},
      {.name = "attempts",
       .type = "integer",
       .default_value = "5",
       .about = "How often a request is tried",
       .choices = {}},
  };
  return options;
}

static Loaded load_chosen(const std::string& text, const std::string& file, const Choice& choice) {
  Document document(text, file);
  Loaded loaded;
  auto& recipe = loaded.recipe = std::make_shared<Recipe>();
  recipe->file = file;
  recipe->text = text;
  if (document.is_readable()) {
    Mapping top(document, document.root(), "the recipe", recipe_shape());
    top.integer("recipe");
    recipe->name = top.text("name").value_or("");
    recipe->about = top.text("about").value_or("");
    recipe->documentation = top.text("documentation").value_or("");
    recipe->options = load_options(document, top.at("options"));
    loaded.variants = apply_variants(document, top.at("variants"), recipe->options, choice, recipe->chosen);
    recipe->variants = loaded.variants > 0;
    const Node& user = top.at("user");
    const Node* attribute_node = user.find("attributes");
    auto attributes = load_attributes(document, attribute_node == nullptr ? no_node : *attribute_node);
    recipe->language = std::make_shared<Language>(config_type(recipe->options), nested(paths_of(attributes)));
    Loader loader(document, recipe->language);
    const bool has_url = std::any_of(recipe->options.begin(), recipe->options.end(),
                                     [](const Option& option) { return option.name == "url"; });
    if (has_url) {
      const Node usual = text_node("{+config.url}");
      recipe->base = loader.text(usual, {Variable::config});
    }
    load_http(loader, top.at("http"), *recipe);
    if (recipe->base.empty())
      document.mistake(document.root(), "a recipe needs an option 'url', or 'http.base'");
    load_budget(document, top.at("budget"), recipe->budget);
    load_secrets(document, top.at("secrets"), recipe->secrets);
    const Node& auth = top.at("auth");
    recipe->auth = loader.auth(auth);
    recipe->errors = loader.errors(top.at("errors"), {Variable::config});
    if (is_given(user)) recipe->user = loader.user(user, std::move(attributes));
    const Node& entitlements = top.at("entitlements");
    if (is_given(entitlements) && !entitlements.is_map()) {
      document.mistake(entitlements, "entitlements must be a mapping of kinds");
    } else if (is_given(entitlements)) {
      for (const Entry& entry : entitlements.entries) {
        recipe->entitlements.push_back(loader.entitlement(entry.key.text, entry.value));
      }
    }
    loader.credentials(top, *recipe);
  }
  loaded.mistakes = document.mistakes();
  return loaded;
}

tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> load(const std::string& text,
                                                                          const std::string& file) {
  Loaded loaded = load_chosen(text, file, {});
  const auto known = [&](const Diagnostic& mistake) {
    return std::any_of(loaded.mistakes.begin(), loaded.mistakes.end(), [&](const Diagnostic& other) {
      return other.place.to_string() == mistake.place.to_string() && other.message == mistake.message;
    });
  };
  for (std::size_t i = 0; i < loaded.variants; ++i) {
    for (Diagnostic& mistake : load_chosen(text, file, {.config = nullptr, .alone = i}).mistakes) {
      if (!known(mistake)) loaded.mistakes.push_back(std::move(mistake));
    }
  }
  if (!loaded.mistakes.empty()) return tl::unexpected(std::move(loaded.mistakes));
  return loaded.recipe;
}

tl::expected<std::shared_ptr<const Recipe>, std::vector<Diagnostic>> load_for(const nlohmann::json& config,
                                                                              const std::string& text,
                                                                              const std::string& file) {
  Loaded loaded = load_chosen(text, file, {.config = &config, .alone = {}});
  if (!loaded.mistakes.empty()) return tl::unexpected(std::move(loaded.mistakes));
  return loaded.recipe;
}

}  // namespace usher::recipe
