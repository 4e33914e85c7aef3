// Splits any bytes as a list of records, in one piece and byte by byte: both find the same.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/files/json_array_splitter.hpp"

namespace {

using namespace usher;

struct Elements final : JsonListener {
  std::vector<std::string> found;
  void element(std::string_view text, std::uint64_t) override { found.emplace_back(text); }
};

std::vector<std::string> split(std::string_view text, std::size_t chunk,
                               const std::vector<std::string>& path) {
  Elements elements;
  JsonArraySplitter splitter(path, elements);
  bool good = true;
  for (std::size_t at = 0; good && at < text.size(); at += chunk)
    good = splitter.feed(text.substr(at, chunk));
  if (good) good = splitter.finish();
  elements.found.push_back(good ? "whole" : splitter.problem());
  return std::move(elements.found);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::vector<std::string>& path : {std::vector<std::string>{}, {"data", "users"}}) {
    if (split(text, text.size() + 1, path) != split(text, 1, path)) std::abort();
  }
  return 0;
}
