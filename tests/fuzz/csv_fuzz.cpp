// A CSV source: the first byte chooses options, the rest is the file. corpus/csv holds files to begin with.

#include <array>

#include "tests/fuzz/source_input.hpp"

using Options = std::map<std::string, std::string>;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<Options, 8> variants = {
      Options{},
      Options{{"bad-rows", "quarantine"}},
      Options{{"bad-rows", "quarantine"}, {"footer", "1"}, {"trailer", R"(Total: (\d+))"}},
      Options{{"bad-rows", "quarantine"}, {"skip-rows", "2"}, {"delimiter", ";"}},
      Options{{"choose", "last"}, {"bad-rows", "quarantine"}},
      Options{{"choose", "newest by n"}, {"dates", R"({"n": ["%d.%m.%Y", "serial", "%I:%M %p %b %y"]})"}},
      Options{{"encoding", "shift_jis"}, {"bad-rows", "quarantine"}},
      Options{{"key", R"(["id","n"])"}, {"unended", "allowed"}, {"line-breaks", "allowed"}}};
  if (size == 0) return 0;
  const usher::fuzz::MemoryFile file(data + 1, size - 1);
  Options options = variants[data[0] % variants.size()];
  options.emplace("path", file.path());
  options.emplace("key", "id");
  auto connector = usher::make_connector(usher::fuzz::settings_of("csv", options), {});
  if (!connector) std::abort();
  usher::fuzz::read_twice(**connector);
  return 0;
}
