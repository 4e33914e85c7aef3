#include "engine/cli/plan_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "engine/cli/atomic_file.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/plan_json.hpp"

namespace usher::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("The plan file '{}' {}.", file.string(), why));
}

/// A mistyped name must not cost the configuration or the people.
void stop_for_other_file(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none) || std::filesystem::is_empty(file, none)) return;
  if (std::ifstream(file, std::ios::binary).peek() != '{')
    fail(file, "is not written: something else than a plan stands there");
}

}  // namespace

void write_plan(const std::filesystem::path& file, const Plan& plan) {
  stop_for_other_file(file);
  AtomicFile fresh(file, "plan file");
  write_json(plan, 0, [&](std::string_view piece) { fresh.write(piece); });
  fresh.write("\n");
  fresh.commit();
}

Plan read_plan(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) fail(file, fmt::format("cannot be read: {}", std::strerror(errno)));
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  try {
    return plan_from_json(text);
  } catch (const std::runtime_error& error) {
    fail(file, error.what());
  }
}

}  // namespace usher::cli
