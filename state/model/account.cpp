#include "state/model/account.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "state/model/json_string.hpp"

namespace usher {

namespace {

void append_details(std::string& out, const std::vector<std::string>& details) {
  out += '[';
  for (const std::string& detail : details) {
    if (out.back() != '[') out += ',';
    append_json_string(out, detail);
  }
  out += ']';
}

}  // namespace

std::string canonical_memberships(const std::vector<Membership>& edges) {
  if (edges.empty()) return "{}";
  std::vector<const Membership*> sorted;
  for (const Membership& edge : edges) sorted.push_back(&edge);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Membership* a, const Membership* b) {
    return std::tie(a->kind, a->entitlement) < std::tie(b->kind, b->entitlement);
  });
  std::string out = "{";
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const Membership& edge = *sorted[i];
    const Membership* following = i + 1 < sorted.size() ? sorted[i + 1] : nullptr;
    const bool same_kind = following != nullptr && following->kind == edge.kind;
    if (same_kind && following->entitlement == edge.entitlement) continue;  // of two the last one counts
    if (out.back() == '{' || out.back() == '}') {
      if (out.back() == '}') out += ',';
      append_json_string(out, edge.kind);
      out += ":{";
    } else {
      out += ',';
    }
    append_json_string(out, edge.entitlement);
    out += ':';
    append_details(out, edge.details);
    if (!same_kind) out += '}';
  }
  out += '}';
  return out;
}

}  // namespace usher
