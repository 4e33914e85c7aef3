#pragma once

#include "rules/config/shape.hpp"

namespace usher {

/// The shape of a whole configuration file.
const Shape& config_shape();

}  // namespace usher
