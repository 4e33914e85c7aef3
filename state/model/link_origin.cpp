#include "state/model/link_origin.hpp"

#include <stdexcept>

#include "state/model/named.hpp"

namespace usher {

const char* to_string(LinkOrigin::Kind kind) {
  switch (kind) {
    case LinkOrigin::Kind::created:
      return "created";
    case LinkOrigin::Kind::created_unusable:
      return "created disabled";
    case LinkOrigin::Kind::matched:
      return "matched";
    case LinkOrigin::Kind::was:
      return "was";
    case LinkOrigin::Kind::by_hand:
      return "linked by hand";
  }
  return "";
}

std::string to_string(const LinkOrigin& origin) {
  return to_string(origin.kind) + (origin.by.empty() ? std::string() : " " + origin.by);
}

LinkOrigin link_origin(std::string_view text) {
  if (const auto kind = named<LinkOrigin::Kind>(text)) return {*kind};
  const std::size_t space = text.find(' ');
  const auto kind = named<LinkOrigin::Kind>(text.substr(0, space));
  if (!kind) throw std::invalid_argument("unknown origin of a link '" + std::string(text) + "'");
  return {*kind, std::string(text.substr(space + 1))};
}

}  // namespace usher
