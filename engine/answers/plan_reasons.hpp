#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "state/model/plan.hpp"

namespace usher {

/// Reads out of the content of a stored plan (write_content()) the changes that some of its operations belong
/// to, by the id of the operation; operations that it does not have are left out. Reads nothing else of a
/// plan, whatever its size: a plan of a million operations is parsed at the speed of memory. digest: of the
/// content; throws std::runtime_error when it is another one, or the content is no plan. Safe from any
/// thread.
std::map<std::string, Change> changes_of(std::string_view content, std::string_view digest,
                                         const std::set<std::string>& operations);

}  // namespace usher
