#pragma once

#include <string_view>

namespace usher {

/// The version of this program, "0.1.0": stands in plans and in `usher version`.
std::string_view version();

/// The git revision this program was built from, "a1b2c3d4e5f6", with a "+" behind it when files differed
/// from it; empty when it was not built from a git checkout.
std::string_view revision();

/// "usher 0.1.0 (a1b2c3d4e5f6)": what `usher --version` prints.
std::string_view version_text();

/// Digest of the sources that decide what stands in a plan. Two programs with the same digest make the same
/// plan of the same state and configuration; a saved plan is applied only by a program with the digest it was
/// made with.
std::string_view planning_sources();

}  // namespace usher
