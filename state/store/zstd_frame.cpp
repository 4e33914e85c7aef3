#include "state/store/zstd_frame.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <memory>

#include "state/store/error.hpp"

namespace usher {

namespace {

constexpr int level = 3;  // what zstd itself takes when nobody chooses

[[noreturn]] void refuse(std::string_view reason) {
  throw StoreError(StoreErrorKind::corrupt,
                   fmt::format("a compressed part of the state is damaged: {}", reason));
}

}  // namespace

std::string zstd_frame(std::string_view content) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(context.get(), frame.data(), frame.size(), content.data(), content.size());
  if (ZSTD_isError(size) != 0)
    throw StoreError(StoreErrorKind::failed,
                     fmt::format("a part of the state could not be compressed: {}", ZSTD_getErrorName(size)));
  frame.resize(size);
  return frame;
}

std::string zstd_content(std::string_view frame, std::size_t limit) {
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR) refuse("it is no frame of zstd");
  if (size > limit) refuse(fmt::format("it says that it holds {} bytes", size));
  std::string content(static_cast<std::size_t>(size), '\0');
  const std::size_t read = ZSTD_decompress(content.data(), content.size(), frame.data(), frame.size());
  if (ZSTD_isError(read) != 0) refuse(ZSTD_getErrorName(read));
  if (read != content.size()) refuse("it ends too early");
  return content;
}

}  // namespace usher
