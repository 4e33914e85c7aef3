#include "connectors/recipe/make.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include <simdjson.h>

#include "connectors/http/client.hpp"
#include "connectors/http/observed.hpp"
#include "connectors/http/retry.hpp"
#include "connectors/recipe/login.hpp"
#include "connectors/recipe/login_options.hpp"
#include "connectors/recipe/recipe_connector.hpp"
#include "connectors/recipe/yaml.hpp"
#include "connectors/redacting.hpp"
#include "state/model/suggestion.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

// What the options that all recipes have can be at most.
std::int64_t most_of(const std::string& option) {
  static const std::map<std::string, std::int64_t> most{{"concurrency", most_concurrency},
                                                        {"rate", static_cast<std::int64_t>(most_rate)},
                                                        {"attempts", 100},
                                                        {"page-size", 1'000'000},
                                                        {"max-reply", std::int64_t{16} << 30}};
  const auto found = most.find(option);
  return found == most.end() ? largest_integer : found->second;
}

// The options of one platform, checked against what its recipe takes.
class Configured {
 public:
  Configured(const std::vector<Option>& known, const Settings& settings) : settings_(settings) {
    config[needs_name] = settings.needs ? json(*settings.needs) : needs_everything();
    std::vector<std::string> names;
    for (const Option& option : known) names.push_back(option.name);
    for (const auto& [name, setting] : settings.options) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      mistake(setting.place, "unknown option '" + name + "' of connector '" + settings.connector + "'" +
                                 did_you_mean(name, names));
    }
    for (const Option& option : known) take(option);
  }

  std::string text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::string() : found->second;
  }
  std::optional<double> number(const std::string& name) const {
    const std::string value = text(name);
    return value.empty() ? std::nullopt : std::optional(std::strtod(value.c_str(), nullptr));
  }
  std::optional<std::chrono::milliseconds> duration(const std::string& name) const {
    return duration_of(text(name));
  }

  void mistake(const SourceLocation& place, std::string message) {
    mistakes_.push_back({place, std::move(message), {}});
  }
  SourceLocation place_of(const std::string& name) const {
    const auto found = settings_.options.find(name);
    return found == settings_.options.end() ? settings_.place : found->second.place;
  }

  json config = json::object();          // for expressions
  std::set<std::string> secret_options;  // their names there
  std::shared_ptr<Redactor> redactor = std::make_shared<Redactor>();
  std::vector<Diagnostic>& mistakes() { return mistakes_; }
  /// The mistakes without the secrets that an expression may have put into them.
  std::vector<Diagnostic> shown_mistakes() {
    for (Diagnostic& mistake : mistakes_) mistake.message = redactor->clean(mistake.message);
    return std::move(mistakes_);
  }

 private:
  void take(const Option& option) {
    const auto found = settings_.options.find(option.name);
    const bool given = found != settings_.options.end();
    const std::string value = given ? found->second.value() : option.default_value;
    if (value.empty()) {
      if (option.required) {
        mistake(given ? found->second.place : settings_.place,
                "platform '" + settings_.platform + "' needs '" + option.name + "': " + option.about);
      }
      return;
    }
    const auto wrong = [&](const std::string& what) {
      // What may be a secret is not repeated.
      const std::string shown =
          option.type == "secret" || (given && found->second.is_secret) ? "" : " '" + value + "'";
      mistake(place_of(option.name), "'" + option.name + "'" + shown + " " + what);
    };
    if (!option.choices.empty() &&
        std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
      std::string all;
      for (const std::string& choice : option.choices) all += (all.empty() ? "" : ", ") + choice;
      wrong("must be one of " + all);
    }
    std::string name = option.name;
    std::replace(name.begin(), name.end(), '-', '_');
    if (!simdjson::validate_utf8(value)) {
      wrong("is not UTF-8: keep it as UTF-8, as requests carry it");
      return;
    }
    if (given) keep_secret(option, found->second, name);
    config[name] = value;
    if (option.type == "integer") {
      std::int64_t number = 0;
      const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
      const std::int64_t most = most_of(option.name);
      if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < 0 || number > most)
        wrong("must be a whole number, at most " + std::to_string(most));
      config[name] = number;
    } else if (option.type == "boolean") {
      if (value != "true" && value != "false") wrong("must be true or false");
      config[name] = value == "true";
    } else if (option.type == "duration" && !duration_of(value)) {
      wrong("must be a duration like 500ms, 30s or 5m, at most 720h");
    } else if (option.type == "url") {
      if (const auto base = http::parse_base(value); !base) wrong_url(option, value, base.error());
    }
    values_[option.name] = value;
  }

  /// A URL is only repeated where it can hold no secret: no reference, no user, no query.
  void wrong_url(const Option& option, const std::string& value, const std::string& what) {
    const auto found = settings_.options.find(option.name);
    const bool shown = (found == settings_.options.end() || !found->second.is_secret) &&
                       value.find_first_of("@?#") == std::string::npos;
    mistake(place_of(option.name), "'" + option.name + "'" + (shown ? " '" + value + "' " : " ") + what);
  }

  /// Secret is what the recipe calls so and what a reference stands for, but not the host of a URL.
  void keep_secret(const Option& option, const Setting& setting, const std::string& name) {
    const bool plain = option.type == "integer" || option.type == "boolean" || option.type == "duration";
    if (option.type != "secret" && (plain || !setting.is_secret)) return;
    secret_options.insert(name);
    if (option.type == "url") {
      const auto base = http::parse_base(setting.value());
      for (const Secret& part : setting.parts) {
        const std::string& text = part.reveal();
        if (text == setting.value()) {
          redactor->add_url(text);
        } else if (!base ||
                   (text != base->host && text != base->scheme && text != std::to_string(base->port) &&
                    text != base->host + ":" + std::to_string(base->port))) {
          redactor->add(text);
        }
      }
      return;
    }
    redactor->add(setting.value());
    for (const Secret& part : setting.parts) redactor->add(part.reveal());
    const json list = json::parse(setting.value(), nullptr, false);
    if (!list.is_array()) return;
    for (const json& item : list) {
      if (item.is_string()) redactor->add(item.get_ref<const std::string&>());
    }
  }

  const Settings& settings_;
  std::map<std::string, std::string> values_;
  std::vector<Diagnostic> mistakes_;
};

http::ClientOptions client_options(const Recipe& recipe, const Configured& configured,
                                   const std::string& directory) {
  http::ClientOptions options;
  options.stall_timeout = configured.duration("read-timeout").value_or(recipe.read_timeout);
  options.total_timeout = configured.duration("total-timeout").value_or(recipe.total_timeout);
  options.connect_timeout = configured.duration("connect-timeout").value_or(options.connect_timeout);
  options.max_body = static_cast<std::size_t>(configured.number("max-reply").value_or(64 << 20));
  options.proxy = configured.text("proxy");
  options.compressed = configured.text("compression") != "false";
  if (const std::string file = configured.text("ca-file"); !file.empty()) {
    options.ca_file = (std::filesystem::path(directory) / file).string();
  }
  return options;
}

void set_budget(http::Budget& budget, const Configured& configured) {
  if (const auto rate = configured.number("rate")) {
    budget.rate = *rate;
    budget.burst = std::max(1.0, *rate);
  }
  if (const auto most = configured.number("concurrency"))
    budget.concurrency = std::max(1, static_cast<int>(*most));
}

// The recipe with the budget and pages of the size that is configured.
std::shared_ptr<const Recipe> with_limits(const Recipe& recipe, const Configured& configured) {
  auto limited = std::make_shared<Recipe>(recipe);
  set_budget(limited->budget, configured);
  const auto size = configured.number("page-size");
  for (Listing& listing : limited->user.listings) {
    Paging& paging = listing.paging;
    if (size && *size >= 1 && (!paging.size_parameter.empty() || paging.parameter.empty()))
      paging.size = static_cast<std::size_t>(*size);
  }
  return limited;
}

std::function<double()> randomness() {
  return [] {
    static thread_local std::minstd_rand engine(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace

std::vector<Option> options_of(const Recipe& recipe) {
  std::vector<Option> options = recipe.options;
  options.insert(options.end(), common_options().begin(), common_options().end());
  return options;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make(std::shared_ptr<const Recipe> recipe,
                                                                       const Settings& settings,
                                                                       http::Clock& clock,
                                                                       const ConnectorContext& context) {
  Configured configured(options_of(*recipe), settings);
  if (recipe->variants && configured.mistakes().empty()) {
    auto chosen = load_for(configured.config, recipe->text, recipe->file);
    if (!chosen) return tl::unexpected(std::move(chosen.error()));
    recipe = std::move(*chosen);
  }
  recipe = with_limits(*recipe, configured);
  Scope scope(*recipe->language, configured.config);
  const auto address = recipe->base.expand(scope, TextTemplate::For::header);
  tl::expected<http::Base, std::string> base = tl::unexpected(std::string());
  if (configured.mistakes().empty()) {
    base = address ? http::parse_base(*address) : tl::unexpected(address.error());
    if (!base && address)
      configured.mistake(configured.place_of("url"), "the address of the platform " + base.error());
    if (!address) configured.mistake(configured.place_of("url"), address.error());
  }
  if (!configured.mistakes().empty()) return tl::unexpected(configured.shown_mistakes());

  if (const std::string lacking = lacking_for_login(*recipe, configured.config); !lacking.empty()) {
    configured.mistake(settings.place, "platform '" + settings.platform + "' " + lacking);
    return tl::unexpected(configured.shown_mistakes());
  }

  auto caller = std::make_unique<RequestRunner>(recipe, configured.config, *base, configured.secret_options,
                                                configured.redactor);
  std::unique_ptr<http::Transport> transport =
      std::make_unique<http::Client>(*base, client_options(*recipe, configured, settings.directory));
  const PlatformWatch watch(context.observer, settings.platform, configured.redactor);
  const http::Patience patience{.deadline = context.deadline};
  transport = std::make_unique<http::Observed>(std::move(transport), watch);
  transport = std::make_unique<http::Budgeted>(std::move(transport), recipe->budget, clock, patience, watch);
  auto proven = authenticated(std::move(transport), *caller, clock);
  if (!proven) {
    configured.mistake(settings.place, proven.error());
    return tl::unexpected(configured.shown_mistakes());
  }
  http::RetryPolicy policy;
  policy.attempts = std::max(1, static_cast<int>(configured.number("attempts").value_or(policy.attempts)));
  auto connector = std::make_unique<RecipeConnector>(std::move(caller), std::move(*proven), clock);
  auto retrying =
      std::make_unique<http::Retrying>(std::move(connector), policy, clock, randomness(), patience, watch);
  return std::make_unique<Redacting>(std::move(retrying), configured.redactor);
}

}  // namespace usher::recipe
