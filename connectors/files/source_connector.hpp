#pragma once

#include <memory>
#include <string>

#include "connectors/connector.hpp"
#include "connectors/files/record_page.hpp"
#include "connectors/files/source_file.hpp"
#include "connectors/files/source_options.hpp"

namespace usher {

/// How one kind of file becomes records. Reads forward only; not thread-safe.
class SourceFormat {
 public:
  virtual ~SourceFormat() = default;

  /// The file is at its beginning; records go to `page`. Both outlive the next call of begin().
  virtual void begin(const SourceFile& file, RecordPage& page) = 0;

  /// Reads the next piece of the file into records, always the same pieces for the same file. false: that was
  /// the last one. Fails when the file as a whole cannot be used.
  virtual Outcome<bool> advance(SourceFile& file) = 0;
};

/// A connector that reads a file: pages, cursors, change detection. It writes nothing.
std::unique_ptr<Connector> make_source(const std::string& kind, const SourceOptions& options,
                                       std::unique_ptr<SourceFormat> format);

}  // namespace usher
