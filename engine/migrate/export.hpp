#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/desired/source_records.hpp"

namespace usher {

/// One line of a CSV file (RFC 4180).
std::string csv_row(const std::vector<std::string>& cells);

enum class DumpFormat { csv, json, yaml };

/// The columns of a dump: of a platform `id`, `active`, the attributes a pull answers, and the names of its
/// entitlements by kind; of a file what its records hold. Dotted paths; sorted but for the first two.
std::vector<std::string> dump_columns(Snapshots& snapshots, const Source& source, const Schema& schema);

/// Writes the accounts of the last snapshot, sorted by id, in a form that the source of that format reads:
/// the same snapshot gives the same bytes. JSON and YAML hold records as rules see them. A CSV cell holds a
/// text as it is, several with `;` between, and anything else as JSON. One account is in memory at a time.
/// How many were written.
std::uint64_t dump(Snapshots& snapshots, const Source& source, const Schema& schema, DumpFormat format,
                   const std::function<void(std::string_view)>& write);

}  // namespace usher
