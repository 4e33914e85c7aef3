#pragma once

#include <string>
#include <string_view>

namespace usher {

/// One frame of zstd (RFC 8878) with the checksum of its content. Safe from any thread.
std::string zstd_frame(std::string_view content);

/// The content of a frame. limit: bytes it may have at most. Throws StoreError(corrupt) for what is no whole
/// frame, does not fit its checksum, or holds more.
std::string zstd_content(std::string_view frame, std::size_t limit);

}  // namespace usher
