#pragma once

#include <string>
#include <vector>

#include "state/model/settings.hpp"

namespace usher {

/// Collects the mistakes of one configuration, so that all of them are reported at once.
class Diagnostics {
 public:
  /// lines: of the configuration file, to be shown under the messages that stand in `file`.
  Diagnostics(std::string file, std::vector<std::string> lines);

  void add(const SourceLocation& place, std::string message);
  /// Something to tell that does not make the configuration wrong.
  void warn(const SourceLocation& place, std::string message);

  bool none() const { return mistakes_.empty(); }
  /// Sorted by place, each once.
  std::vector<Diagnostic> sorted() const;
  std::vector<Diagnostic> warnings() const;
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  Diagnostic at(const SourceLocation& place, std::string message) const;

  std::string file_;
  std::vector<std::string> lines_;
  std::vector<Diagnostic> mistakes_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace usher
