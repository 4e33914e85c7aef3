// Reads any bytes as a recipe: it loads and can be given advice on, or every mistake has words.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "connectors/recipe/advice.hpp"
#include "connectors/recipe/recipe.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace usher;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto recipe = recipe::load(text, "fuzz.yaml");
  if (recipe) {
    recipe::advice(**recipe);
    return 0;
  }
  if (recipe.error().empty()) std::abort();
  for (const Diagnostic& mistake : recipe.error()) {
    if (mistake.message.empty()) std::abort();
  }
  return 0;
}
