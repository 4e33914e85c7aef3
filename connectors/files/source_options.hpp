#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// Which of several records of one key counts.
struct RecordChoice {
  enum class Kind { none, first, last, newest } kind = Kind::none;
  std::string column;  ///< newest: the column or dotted path that says how new a record is
};

/// What every file of records is configured with.
struct SourceOptions {
  std::string path;              ///< absolute, or "-"
  std::string shown;             ///< as configured
  std::vector<std::string> key;  ///< the columns or JSON paths that tell records apart together
  bool quarantine = false;
  RecordChoice choice;
  std::uint64_t size_limit = std::uint64_t{4} << 30U;  ///< bytes
  bool empty_allowed = false;                          ///< nobody at all is a true answer
  std::uint64_t least_records = 0;                     ///< a file with fewer is no proof
  double shrink = 20;            ///< percent of the last pull's records that may be missing
  bool unended_allowed = false;  ///< the last line may lack its line end
  std::string digest;            ///< of all options as they are given: with others the file reads otherwise
};

/// The options of SourceOptions, for a ConnectorKind.
std::vector<Option> source_options();

/// Reads them; adds a mistake for each that is wrong and for each option that `kind` does not have.
SourceOptions read_source_options(const Settings& settings, const ConnectorKind& kind,
                                  std::vector<Diagnostic>& mistakes);

/// An option's text; what stands in its place when it is not given, empty without a default.
std::string option_or(const Settings& settings, const std::string& name, const std::string& otherwise);

/// An option that is a whole number from 0 to `most`; adds a mistake when it is none.
std::uint64_t count_option(const Settings& settings, const std::string& name, std::uint64_t otherwise,
                           std::uint64_t most, std::vector<Diagnostic>& mistakes);

/// An option that is one text or a list of texts, which arrives as a JSON array.
std::vector<std::string> texts_of(const std::string& text);

/// A source can only be read, and its records have whatever attributes they have.
Capabilities source_capabilities(const std::string& kind, const std::vector<std::string>& key);

/// A mistake about one option, at its place; at the platform's when the option is not given.
Diagnostic mistake_about(const Settings& settings, const std::string& option, const std::string& message);

}  // namespace usher
