#include "engine/cli/plan_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "engine/cli/atomic_file.hpp"
#include "engine/runtime/exit_code.hpp"
#include "state/model/plan_json.hpp"

namespace usher::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("The plan file '{}' {}.", file.string(), why));
}

Plan plan_in(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error(fmt::format("cannot be read: {}", std::strerror(errno)));
  return plan_from_json(std::string(std::istreambuf_iterator<char>(stream), {}));
}

}  // namespace

void expect_plan_file(const std::filesystem::path& file) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(file, none) || std::filesystem::is_empty(file, none))
    return expect_writable(file, "plan file");
  std::array<char, 64> text{};
  std::ifstream stream(file, std::ios::binary);
  stream.read(text.data(), text.size());
  std::string begin(text.data(), static_cast<std::size_t>(stream.gcount()));
  std::erase_if(begin, [](char c) { return c == ' ' || c == '\n'; });
  if (begin.starts_with(R"({"changes":[)") || begin.starts_with(R"({"report":"plan",)"))
    return expect_writable(file, "plan file");
  fail(file, "is not written, for what stands there is not a plan; give another name, or remove it");
}

void write_plan(const std::filesystem::path& file, const Plan& plan) {
  AtomicFile fresh(file, "plan file");
  write_json(plan, 0, [&](std::string_view piece) { fresh.write(piece); });
  fresh.write("\n");
  fresh.commit();
}

Plan read_plan(const std::filesystem::path& file) {
  try {
    return plan_in(file);
  } catch (const std::runtime_error& error) {
    fail(file, error.what());
  }
}

}  // namespace usher::cli
