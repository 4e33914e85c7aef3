#pragma once

#include <string_view>

namespace usher {

/// Writes all of the text to a file descriptor, however many calls that takes. False: errno says why some of
/// it was not written.
bool write_all(int descriptor, std::string_view text);

}  // namespace usher
