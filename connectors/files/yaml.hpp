#pragma once

#include <memory>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/connector.hpp"
#include "connectors/registry.hpp"

namespace usher {

/// A YAML file as a source: a list of maps in block style, each beginning with `- ` at the beginning of a
/// line, as `usher dump` writes it. One element is in memory at a time; an alias reaches no further than its
/// element. Plain scalars that JSON knows are themselves, every other one is a text.
ConnectorKind yaml_kind();
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> make_yaml(const Settings& settings);

}  // namespace usher
