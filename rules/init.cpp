#include "rules/init.hpp"

#include "rules/start_yaml.hpp"

namespace usher {

std::string commented_configuration() {
  return std::string(start_files.front().second);
}

}  // namespace usher
