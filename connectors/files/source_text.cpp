#include "connectors/files/source_text.hpp"

namespace usher {
namespace {

constexpr std::size_t chunk_size = 256U << 10U;

}  // namespace

void SourceText::begin() {
  decoder_.begin();
  ended_ = false;
}

Outcome<std::string_view> SourceText::next(SourceFile& file) {
  if (auto read = file.read(chunk_, chunk_size); !read) return tl::unexpected(read.error());
  ended_ = chunk_.size() < chunk_size;
  const auto text = decoder_.decode(chunk_, ended_);
  if (!text) return tl::unexpected(file.failure(FailureKind::malformed, text.error()));
  return *text;
}

}  // namespace usher
