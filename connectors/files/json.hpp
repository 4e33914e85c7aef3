#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/registry.hpp"

namespace usher {

/// A JSON document with a list of objects as a source; `pointer` says where in the document the list stands.
/// Records keep what is written, null and empty texts included.
ConnectorKind json_kind();
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_json(const Settings& settings);

/// A file with one JSON object a line as a source.
ConnectorKind ndjson_kind();
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_ndjson(const Settings& settings);

}  // namespace usher
