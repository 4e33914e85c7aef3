#include "state/model/operation_messages.hpp"

namespace usher {

namespace {

constexpr std::string_view stale = "stale: ";
constexpr std::string_view doubtful = "; it may have happened";

}  // namespace

std::string stale_message(std::string_view why) {
  return std::string(stale).append(why);
}

bool is_stale_message(std::string_view message) {
  return message.starts_with(stale);
}

std::string doubtful_message(std::string_view why) {
  return std::string(why).append(doubtful);
}

bool is_doubtful_message(std::string_view message) {
  return message.ends_with(doubtful);
}

}  // namespace usher
