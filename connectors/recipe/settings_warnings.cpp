#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "connectors/built_in_recipes.hpp"
#include "connectors/http/url.hpp"
#include "connectors/recipe/library.hpp"
#include "connectors/recipe/make.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

bool is_loopback(const std::string& host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]" ||
         host == "::1";
}

bool others_can_read(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

/// Where requests go, as far as options that are no secret say it.
std::string address_of(const Recipe& recipe, const Settings& settings) {
  json config = json::object();
  for (const Option& option : options_of(recipe)) {
    const auto given = settings.options.find(option.name);
    const std::string value = given == settings.options.end() ? option.default_value : given->second.value();
    std::string name = option.name;
    std::replace(name.begin(), name.end(), '-', '_');
    if (!value.empty() && option.type != "secret") config[name] = value;
  }
  try {
    Scope scope(*recipe.language, config);
    return recipe.base.expand(scope, TextTemplate::For::header).value_or("");
  } catch (const json::exception&) {  // a value that is not UTF-8, which is a mistake and told as one
    return {};
  }
}

}  // namespace

/// Says that requests do not go where `url` says; empty: they do, or there is none.
static std::string goes_elsewhere(const Recipe& recipe, const Settings& settings,
                                  const tl::expected<http::Base, std::string>& base) {
  const auto url = settings.options.find("url");
  if (url == settings.options.end()) return {};
  if (ignores_url(recipe)) {
    return fmt::format("the recipe '{}' does not use 'url': requests go to {}, as its http.base says",
                       settings.connector, base ? base->origin() + base->path : "another address");
  }
  if (url->second.is_secret || !base) return {};
  const auto given = http::parse_base(url->second.value());
  if (!given || given->origin() == base->origin()) return {};
  return fmt::format(
      "requests of the recipe '{}' do not go to the host of 'url' but to {}, as its http.base says",
      settings.connector, base->origin() + base->path);
}

bool ignores_url(const Recipe& recipe) {
  const bool takes = std::any_of(recipe.options.begin(), recipe.options.end(),
                                 [](const Option& option) { return option.name == "url"; });
  const auto reads = [](const TextTemplate::Piece& piece) {
    if (!piece.expression) return false;
    const auto fields = piece.expression->program().fields("config");
    return std::any_of(fields.begin(), fields.end(),
                       [](const std::string& field) { return field.empty() || field == "url"; });
  };
  return takes && std::none_of(recipe.base.pieces().begin(), recipe.base.pieces().end(), reads);
}

std::vector<Diagnostic> warnings_of(const Recipe& recipe, const Settings& settings) {
  std::vector<Diagnostic> warnings;
  const auto place_of = [&](const std::string& option) {
    const auto given = settings.options.find(option);
    return given == settings.options.end() ? settings.place : given->second.place;
  };
  bool has_secret = false;
  for (const Option& option : recipe.options) {
    const auto given = settings.options.find(option.name);
    if (option.type != "secret" || given == settings.options.end()) continue;
    has_secret = true;
    if (!given->second.is_secret && !given->second.text.empty() &&
        others_can_read(given->second.place.file)) {
      warnings.push_back(
          {given->second.place,
           fmt::format("'{}' is a secret in clear text, and anybody on this machine can read this "
                       "file: write ${{file:PATH}} or ${{env:NAME}}, or chmod 600 it",
                       option.name),
           {}});
    }
  }
  const auto trusted = settings.options.find("ca-file");
  if (trusted != settings.options.end() && !trusted->second.is_secret) {
    const std::filesystem::path file = std::filesystem::path(settings.directory) / trusted->second.text;
    std::error_code none;
    const bool is_other =
        std::filesystem::exists(file, none) && !std::filesystem::is_regular_file(file, none);
    errno = 0;
    if (is_other || !std::ifstream(file))
      warnings.push_back({trusted->second.place,
                          fmt::format("no certificates are read from {}: {}", trusted->second.text,
                                      is_other ? "it is not a regular file" : std::strerror(errno)),
                          {}});
  }
  const std::string address = address_of(recipe, settings);
  const auto base = http::parse_base(address);
  if (base && has_secret && base->scheme == "http" && !is_loopback(base->host)) {
    warnings.push_back(
        {place_of("url"),
         fmt::format("the credentials of '{}' and all it holds travel to {} unencrypted: write "
                     "https://",
                     settings.platform, base->host),
         {}});
  }
  if (const std::string elsewhere = goes_elsewhere(recipe, settings, base); !elsewhere.empty())
    warnings.push_back({place_of("url"), elsewhere, {}});
  const bool is_built_in = std::any_of(built_in_recipes.begin(), built_in_recipes.end(),
                                       [&](const auto& one) { return one.first == settings.connector; });
  if (is_built_in && !recipe.file.starts_with(built_in_mark)) {
    warnings.push_back({settings.place,
                        fmt::format("the file {} takes the place of the built-in recipe '{}'; if that is not "
                                    "meant, give it another name",
                                    recipe.file, settings.connector),
                        {}});
  }
  return warnings;
}

}  // namespace usher::recipe
