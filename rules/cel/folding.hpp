#pragma once

#include "rules/cel/checker.hpp"
#include "rules/cel/node.hpp"

namespace usher::cel {

/// Whether some part calls unique().
bool asks_others(const Node& root);

/// Evaluates once what is the same for everybody: each part that reads no variable becomes the constant it
/// comes to. What fails stays as it is, and fails where it is reached. True where that holds for the whole.
bool fold(Node& root, Resources& resources);

}  // namespace usher::cel
