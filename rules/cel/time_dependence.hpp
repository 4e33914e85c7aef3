#pragma once

#include "rules/cel/context.hpp"
#include "rules/cel/node.hpp"

namespace usher::cel {

/// How an expression depends on the variable `now`.
enum class TimeDependence {
  none,
  compared,  ///< `now`, moved by spans, is only compared: between two turns of its comparisons nothing
             ///< changes
  free,      ///< in any other way: at another moment anything may come out
};

/// Finds out, and marks the comparisons (Node::drift).
TimeDependence mark_comparisons(Node& root);

/// Tells the context when a marked comparison of these values turns, if it lies ahead.
void tell_turn(Context& context, const Node& comparison, const Value& left, const Value& right);

}  // namespace usher::cel
