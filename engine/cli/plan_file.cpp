#include "engine/cli/plan_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/exit_code.hpp"

namespace usher::cli {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
  throw CommandError(ExitCode::failed, fmt::format("The plan file '{}' {}.", file.string(), why));
}

[[noreturn]] void fail_to_write(const std::filesystem::path& file) {
  fail(file, fmt::format("cannot be written: {}", std::strerror(errno)));
}

}  // namespace

void write_plan(const std::filesystem::path& file, const Plan& plan) {
  std::string fresh = file.string() + ".XXXXXX";
  const int descriptor = mkstemp(fresh.data());  // of mode 0600
  if (descriptor < 0) fail_to_write(file);
  std::FILE* const stream = fdopen(descriptor, "w");
  const std::string text = to_json(plan).dump(1) + "\n";
  bool written = std::fwrite(text.data(), 1, text.size(), stream) == text.size();
  written = std::fflush(stream) == 0 && written;
  written = fsync(descriptor) == 0 && written;
  written = std::fclose(stream) == 0 && written;
  if (!written || std::rename(fresh.c_str(), file.c_str()) != 0) {
    const int why = errno;
    std::remove(fresh.c_str());
    errno = why;
    fail_to_write(file);
  }
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
