#include "state/model/failure.hpp"

#include <fmt/format.h>

namespace usher {

const char* to_string(FailureKind kind) {
  switch (kind) {
    case FailureKind::unreachable:
      return "unreachable";
    case FailureKind::cut:
      return "cut";
    case FailureKind::throttled:
      return "throttled";
    case FailureKind::unavailable:
      return "unavailable";
    case FailureKind::refused:
      return "refused";
    case FailureKind::denied:
      return "denied";
    case FailureKind::gone:
      return "gone";
    case FailureKind::conflict:
      return "conflict";
    case FailureKind::already_so:
      return "already-so";
    case FailureKind::invalid:
      return "invalid";
    case FailureKind::malformed:
      return "malformed";
    case FailureKind::unsupported:
      return "unsupported";
    case FailureKind::stopped:
      return "stopped";
  }
  return "invalid";
}

bool may_pass(FailureKind kind) {
  return kind == FailureKind::unreachable || kind == FailureKind::cut || kind == FailureKind::throttled ||
         kind == FailureKind::unavailable;
}

std::string describe(const Failure& failure) {
  std::string text = failure.request.empty() ? std::string() : failure.request + ": ";
  if (failure.status != 0) text += fmt::format("{} ", failure.status);
  text += to_string(failure.kind);
  if (!failure.message.empty()) text += ": " + failure.message;
  return text;
}

}  // namespace usher
