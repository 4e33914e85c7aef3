// Reads any bytes as a Link header and follows what it names: never to another host.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/http/url.hpp"
#include "connectors/recipe/paging.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace usher;
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const http::Base base = *http::parse_base("https://api.example.com/v1");
  for (const std::string& link : {text, recipe::next_of_link_header(text)}) {
    const auto url = http::follow(base, "https://api.example.com/v1/users?page=1", link);
    if (url && !url->starts_with("https://api.example.com/") && *url != "https://api.example.com")
      std::abort();
  }
  return 0;
}
