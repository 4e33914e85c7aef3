#include "examples/sandbox/platform.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/gr4vy.hpp"
#include "examples/sandbox/kestra.hpp"
#include "examples/sandbox/mainflux.hpp"
#include "examples/sandbox/sigfox.hpp"
#include "examples/sandbox/unkind.hpp"

namespace usher::sandbox {

using nlohmann::json;

Platform::Platform(const Options& options, std::string_view name)
    : options_(options), random_(digest(name, options.seed)) {
  if (!options.epoch) return;
  const auto epoch = parse_rfc3339(*options.epoch);
  if (!epoch)
    throw std::invalid_argument("the epoch " + *options.epoch + " is no time like 2024-01-31T10:20:30Z");
  clock_ = Clock(epoch);
}

void Platform::reseed(const json& world) {
  random_ = Random(digest(world.dump(), options_.seed));
}

void Platform::change(const json& how) {
  const auto counts = [](const json& value) { return value.is_number_integer() && value >= 0; };
  const auto key = [&how](const char* what) { return how.at(what).get<std::string>(); };
  try {
    if (how.contains("insert") && how.contains("delete")) {  // one comes, one goes
      json single = how;
      single.erase("insert");
      change(single);
      single = how;
      single.erase("delete");
      change(single);
    } else if (how.contains("insert")) {
      if (!counts(how["insert"])) return insert_user(how["insert"]);
      for (auto left = how["insert"].get<std::size_t>(); left > 0; --left) {
        Person stranger = person(options_.seed + 1, strangers_++);
        stranger.mail = "new." + stranger.mail;
        insert_person(stranger, how.value("first", false));
      }
    } else if (how.contains("delete")) {
      if (!counts(how["delete"])) return erase_user(key("delete"));
      for (auto left = how["delete"].get<std::size_t>(); left > 0; --left) erase_first();
    } else if (how.contains("disable")) {
      enable_user(key("disable"), false);
    } else if (how.contains("enable")) {
      enable_user(key("enable"), true);
    } else if (how.contains("rename")) {
      rename_user(key("rename"), key("name"));
    } else if (how.contains("edit")) {
      edit_user(key("edit"), how.at("values"));
    } else if (how.contains("join")) {
      change_membership(key("join"), key("group"), true);
    } else if (how.contains("leave")) {
      change_membership(key("leave"), key("group"), false);
    } else if (how.contains("settle")) {
      settle();
    } else {
      throw std::invalid_argument(
          "a change is insert, delete, disable, enable, rename, edit, join, leave or settle, not " +
          how.dump());
    }
  } catch (const json::exception& failure) {
    throw std::invalid_argument("the change " + how.dump() + " cannot be made: " + failure.what());
  }
}

void Platform::enable_user(const std::string&, bool) {
  throw std::invalid_argument("this platform has no disabled users");
}

void Platform::edit_user(const std::string&, const json&) {
  throw std::invalid_argument("this platform's users are not edited behind its back");
}

void Platform::change_membership(const std::string&, const std::string&, bool) {
  throw std::invalid_argument("this platform's memberships are not changed behind its back");
}

void Platform::settle() {}

json Platform::secrets() const {
  return json::object();
}

bool Platform::within_rate(std::int64_t limit) {
  if (limit == 0) return true;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  if (now != second_) second_ = now, calls_ = 0;
  return ++calls_ <= limit;
}

std::uint64_t Platform::digest_of(std::string_view id, std::string_view secret) const {
  return digest(secret, digest(id, options_.seed)) | 1;  // never 0, which means that there is no password
}

std::unique_ptr<Platform> make_platform(const std::string& name, const Options& options, const json* load) {
  if (name == "mainflux") return std::make_unique<Mainflux>(options, load);
  if (name == "gr4vy") return std::make_unique<Gr4vy>(options, load);
  if (name == "kestra") return std::make_unique<Kestra>(options, load);
  if (name == "sigfox") return std::make_unique<Sigfox>(options, load);
  if (name == "unkind") return std::make_unique<Unkind>(options, load);
  throw std::invalid_argument("the sandbox plays mainflux, gr4vy, kestra, sigfox and unkind, not " + name);
}

}  // namespace usher::sandbox
