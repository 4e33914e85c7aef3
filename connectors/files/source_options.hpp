#pragma once

#include <string>
#include <vector>

#include "connectors/registry.hpp"
#include "state/model/capabilities.hpp"
#include "state/model/settings.hpp"

namespace usher {

/// What every file of records is configured with.
struct SourceOptions {
  std::string path;   ///< absolute, or "-"
  std::string shown;  ///< as configured
  std::string key;    ///< the column or JSON path that tells records apart
  bool quarantine = false;
};

/// The options of SourceOptions, for a ConnectorKind.
std::vector<Option> source_options();

/// Reads them; adds a mistake for each that is wrong and for each option that `kind` does not have.
SourceOptions read_source_options(const Settings& settings, const ConnectorKind& kind,
                                  std::vector<Diagnostic>& mistakes);

/// An option's text; what stands in its place when it is not given, empty without a default.
std::string option_or(const Settings& settings, const std::string& name, const std::string& otherwise);

/// A source can only be read, and its records have whatever attributes they have.
Capabilities source_capabilities(const std::string& kind, const std::string& key);

/// A mistake about one option, at its place; at the platform's when the option is not given.
Diagnostic mistake_about(const Settings& settings, const std::string& option, const std::string& message);

}  // namespace usher
