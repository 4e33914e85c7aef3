#pragma once

#include "rules/yaml/shape.hpp"

namespace usher {

/// The shape of a whole configuration file.
const Shape& config_shape();

// Its sections that have a file of their own.
const Shape& credentials_shape();
const Shape& run_shape();
const Shape& keep_shape();
const Shape& tests_shape();
const Shape& notify_shape();
const Shape& approvals_shape();

}  // namespace usher
