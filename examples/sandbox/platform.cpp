#include "examples/sandbox/platform.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "examples/sandbox/mainflux.hpp"

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

std::unique_ptr<Platform> make_platform(const std::string& name, const Options& options, const json* load) {
  if (name == "mainflux") return std::make_unique<Mainflux>(options, load);
  throw std::invalid_argument("the sandbox plays mainflux, not " + name);
}

}  // namespace usher::sandbox
