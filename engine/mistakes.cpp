#include "engine/mistakes.hpp"

#include "engine/report/text.hpp"
#include "rules/config.hpp"

namespace usher {

CommandError invalid_configuration(const std::vector<Mistake>& mistakes) {
  std::string text;
  for (const Mistake& mistake : mistakes) text += to_string(mistake) + "\n";
  return {ExitCode::configuration_invalid,
          "The configuration has " + counted(mistakes.size(), "mistake", "mistakes") + ":\n\n" + text};
}

}  // namespace usher
