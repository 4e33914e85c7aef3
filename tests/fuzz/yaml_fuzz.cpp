// A YAML source: the first byte chooses options, the rest is the file. corpus/yaml holds files to begin with.

#include "tests/fuzz/source_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const usher::fuzz::MemoryFile file(data + 1, size - 1);
  std::map<std::string, std::string> options = {{"path", file.path()}, {"key", "id"}};
  if (data[0] % 2 == 1) options["bad-rows"] = "quarantine";
  if (data[0] % 4 > 1) options["unended"] = "allowed";
  auto connector = usher::make_connector(usher::fuzz::settings_of("yaml", options), {});
  if (!connector) std::abort();
  usher::fuzz::read_twice(**connector);
  return 0;
}
