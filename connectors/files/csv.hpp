#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/registry.hpp"

namespace usher {

/// A file of comma-separated values as a source. Every cell is a text, an empty one an empty text, so that
/// `record.first + record.last` always works; blanks are kept.
ConnectorKind csv_kind();

/// Offline: the file is opened by the first fetch. A page holds about 10,000 records and its cursor says how
/// far the file was read; any cursor that was given out can be read again.
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_csv(const Settings& settings);

}  // namespace usher
