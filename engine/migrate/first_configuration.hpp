#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/registry.hpp"

namespace usher {

/// A file of people nobody has described yet, and the platform that accounts are wanted on.
struct FirstConfigurationInput {
  std::string path;  ///< of the file, as it is to stand in the configuration
  char delimiter = ',';
  std::string encoding;         ///< empty: UTF-8
  std::uint64_t skip_rows = 0;  ///< lines above the header
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< as many cells as columns each
  std::string to;                              ///< name of the platform, and of its connector
  ConnectorKind kind;                          ///< of it
  std::string url;                             ///< of it; empty: the kind's own, or an example
  const Capabilities* can = nullptr;           ///< of it
};

/// A configuration that is proposed from what a file holds: which column is the key, what goes where, how
/// accounts that exist are found, who is here. Nothing is taken away by it. Every value is explained.
std::string first_configuration(const FirstConfigurationInput& input);

/// The environment variables that it names for a platform of this name and kind.
std::vector<std::string> first_variables(const std::string& to, const ConnectorKind& kind);

}  // namespace usher
