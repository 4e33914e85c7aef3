#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "examples/sandbox/call.hpp"

namespace usher::sandbox {

/// The parts of a path that stand where a pattern has {braces}, in order. Views into the path of the call.
using Captures = std::array<std::string_view, 4>;

/// Whether `path` has the shape of `pattern`, as "/users/{id}/tags": segment by segment, a trailing slash
/// counts.
inline bool matches(std::string_view pattern, std::string_view path, Captures& captures) {
  std::size_t captured = 0;
  while (true) {
    const std::size_t pattern_end = pattern.find('/');
    const std::size_t path_end = path.find('/');
    const std::string_view wanted = pattern.substr(0, pattern_end);
    const std::string_view given = path.substr(0, path_end);
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      captures[captured++] = given;
    } else if (wanted != given) {
      return false;
    }
    if ((pattern_end == std::string_view::npos) != (path_end == std::string_view::npos)) return false;
    if (path_end == std::string_view::npos) return true;
    pattern.remove_prefix(pattern_end + 1);
    path.remove_prefix(path_end + 1);
  }
}

/// One operation of a platform.
template <class P>
struct Route {
  std::string_view method;
  std::string_view pattern;
  Reply (P::*handler)(const Call& call, const Captures& ids);
};

/// The first route for the method and path of `call`, or null. Literal segments are listed before captures.
template <class P>
const Route<P>* find_route(std::span<const Route<P>> routes, const Call& call, Captures& ids) {
  for (const Route<P>& route : routes)
    if (route.method == call.method && matches(route.pattern, call.path, ids)) return &route;
  return nullptr;
}

/// Whether any route has this path, whatever the method.
template <class P>
bool has_path(std::span<const Route<P>> routes, const Call& call) {
  Captures ids;
  for (const Route<P>& route : routes)
    if (matches(route.pattern, call.path, ids)) return true;
  return false;
}

}  // namespace usher::sandbox
