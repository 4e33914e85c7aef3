// Reads any bytes as an expression. A source gives a program, or mistakes that lie inside of it.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/cel/program.hpp"

namespace {

using namespace usher::cel;

const Environment& environment() {
  static const Environment instance = [] {
    Environment made;
    made.declare("record", Type::object({{"first", Type::string()}, {"age", Type::integer()}}));
    made.declare("x", Type::dyn());
    made.declare("now", Type::timestamp());
    return made;
  }();
  return instance;
}

void check(std::string_view source, const Language& language) {
  const auto program = Program::compile(source, environment(), Type::string(), language);
  if (program) return;
  if (program.error().empty()) std::abort();
  for (const Diagnostic& mistake : program.error()) {
    if (mistake.message.empty() || mistake.offset + mistake.length > source.size()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  check(source, {.checked = true, .macros = true});
  check(source, {.checked = false, .macros = false});
  return 0;
}
