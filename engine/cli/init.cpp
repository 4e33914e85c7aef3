#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/cli/commands.hpp"
#include "rules/init.hpp"

namespace usher::cli {

namespace {

[[noreturn]] void fail(const std::string& file) {
  const int why = errno;
  if (why == EEXIST)
    throw CommandError(ExitCode::failed,
                       fmt::format("'{0}' is there already and is left as it is. Write to another file with "
                                   "`usher init --config FILE`, or check this one with `usher validate`.",
                                   escaped(file)));
  throw CommandError(ExitCode::failed,
                     fmt::format("'{}' cannot be written: {}.", escaped(file), std::strerror(why)));
}

/// Creates the file; one that exists is an error, also when it appears in the same instant.
void write_new(const std::string& file, std::string_view text) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(file);
  const auto written = write(descriptor, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (close(descriptor) != 0 || !whole) {
    const int why = errno;
    unlink(file.c_str());
    errno = why;
    fail(file);
  }
}

ExitCode run_init(const Call& call) {
  const std::string file = call.arguments.text("config");
  write_new(file, commented_configuration());
  if (call.json()) {
    call.print_json({{"report", "init"}, {"exit", exit_json(ExitCode::done)}, {"file", file}});
  } else {
    call.print(
        fmt::format("Wrote {0}. Next: edit it, then `usher validate` and `usher plan`{1}.\n", escaped(file),
                    file == "usher.yaml" ? "" : fmt::format(", both with --config {}", escaped(file))));
  }
  return ExitCode::done;
}

}  // namespace

const Command init_command{
    .name = "init",
    .summary = "write a commented configuration to start from",
    .examples =
        "  usher init                        # writes usher.yaml\n"
        "  usher init --config staging.yaml\n",
    .about =
        "Writes a configuration with a comment on everything that can stand in it: where the "
        "platforms are, who should exist, what each of them has where. A file that exists is never "
        "overwritten.",
    .options = {},
    .operands = {},
    .run = run_init,
};

}  // namespace usher::cli
