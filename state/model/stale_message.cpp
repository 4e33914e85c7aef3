#include "state/model/stale_message.hpp"

namespace usher {

namespace {

constexpr std::string_view prefix = "stale: ";

}  // namespace

std::string stale_message(std::string_view why) {
  return std::string(prefix).append(why);
}

bool is_stale_message(std::string_view message) {
  return message.starts_with(prefix);
}

}  // namespace usher
