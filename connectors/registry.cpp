#include "connectors/registry.hpp"

#include <algorithm>
#include <array>

#include "connectors/platforms/csv.hpp"
#include "state/model/schema.hpp"

namespace usher {
namespace {

using Maker = tl::expected<std::unique_ptr<Connector>, std::vector<Mistake>> (*)(const Settings&);

struct BuiltIn {
  ConnectorKind (*kind)();
  Maker make;
};

constexpr std::array<BuiltIn, 1> built_in = {{{csv_kind, make_csv}}};

}  // namespace

std::vector<ConnectorKind> connector_kinds(const ConnectorContext&) {
  std::vector<ConnectorKind> kinds;
  for (const BuiltIn& one : built_in) kinds.push_back(one.kind());
  std::sort(kinds.begin(), kinds.end(),
            [](const ConnectorKind& a, const ConnectorKind& b) { return a.name < b.name; });
  return kinds;
}

std::optional<ConnectorKind> find_connector_kind(const std::string& name, const ConnectorContext&) {
  for (const BuiltIn& one : built_in)
    if (ConnectorKind kind = one.kind(); kind.name == name) return kind;
  return std::nullopt;
}

tl::expected<std::unique_ptr<Connector>, std::vector<Mistake>> make_connector(
    const Settings& settings, const ConnectorContext& context) {
  for (const BuiltIn& one : built_in)
    if (one.kind().name == settings.connector) return one.make(settings);
  std::vector<std::string> known;
  for (const ConnectorKind& kind : connector_kinds(context)) known.push_back(kind.name);
  const std::string near = nearest(settings.connector, known);
  return tl::unexpected(std::vector<Mistake>{{settings.place,
                                              "no connector is called '" + settings.connector + "'" +
                                                  (near.empty() ? "" : ", did you mean '" + near + "'?"),
                                              {}}});
}

}  // namespace usher
