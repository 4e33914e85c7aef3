#include "engine/cli/plan_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/cli/fresh_file.hpp"
#include "engine/exit_code.hpp"

namespace usher::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("The plan file '{}' {}.", file.string(), why));
}

}  // namespace

void write_plan(const std::filesystem::path& file, const Plan& plan) {
  FreshFile fresh(file, "plan file");
  fresh.write(to_json(plan).dump(1) + "\n");
  fresh.commit();
}

Plan read_plan(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) fail(file, fmt::format("cannot be read: {}", std::strerror(errno)));
  auto json = nlohmann::json::parse(stream, nullptr, false);
  if (json.is_discarded()) fail(file, "is not JSON");
  if (json.is_object() && json.contains("plan")) json = nlohmann::json(std::move(json["plan"]));
  try {
    return plan_from_json(json);
  } catch (const std::runtime_error& error) {
    fail(file, error.what());
  }
}

}  // namespace usher::cli
