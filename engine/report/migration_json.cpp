#include <nlohmann/json.hpp>

#include "engine/report/migration_report.hpp"

namespace usher {

using nlohmann::ordered_json;

namespace {

template <class List, class One>
ordered_json array_of(const List& list, const One& one) {
  ordered_json out = ordered_json::array();
  for (const auto& each : list) out.push_back(one(each));
  return out;
}

ordered_json profile_json(const PopulationProfile& profile) {
  ordered_json out{{"platform", profile.platform},      {"accounts", profile.accounts},
                   {"active", profile.active},          {"self", profile.self},
                   {"sealed", profile.why_not.empty()}, {"why-not", profile.why_not}};
  out["attributes"] = array_of(profile.fields, [](const FieldProfile& field) -> ordered_json {
    return {{"path", field.path},
            {"filled", field.filled},
            {"distinct", field.distinct},
            {"longest", field.longest}};
  });
  out["entitlements"] = array_of(profile.entitlements, [](const HeldEntitlement& held) -> ordered_json {
    return {{"kind", held.kind}, {"name", held.name}, {"members", held.members}};
  });
  out["same-names"] = profile.same_names;
  return out;
}

ordered_json overlap_json(const Overlap& each) {
  return {{"from", each.from},
          {"to", each.to},
          {"unique", each.unique},
          {"ambiguous", each.ambiguous},
          {"none", each.none}};
}

}  // namespace

ordered_json migration_json(const Migration& migration) {
  ordered_json out{{"from", profile_json(migration.source)},
                   {"to", profile_json(migration.target)},
                   {"proposed", migration.proposed}};
  out["compared"] = array_of(migration.overlaps, overlap_json);
  out["match"] = array_of(migration.match, overlap_json);
  out["mapping"] = array_of(migration.mapping, [](const Mapping& each) -> ordered_json {
    return {{"from", each.from}, {"to", each.to}, {"expression", each.expression}, {"remark", each.remark}};
  });
  out["groups"] = array_of(migration.groups, [](const GroupMapping& each) -> ordered_json {
    return {{"kind", each.kind}, {"name", each.name}, {"members", each.members}, {"to", each.to_kind}};
  });
  out["lost"] = array_of(migration.losses, [](const Loss& each) -> ordered_json {
    return {{"what", each.what}, {"accounts", each.accounts}, {"why", each.why}};
  });
  out["rules"] = migration.rules;
  return out;
}

ordered_json parity_json(const Verification& parity) {
  ordered_json out{{"clean", parity.clean()},     {"people", parity.people},
                   {"created", parity.created},   {"matched", parity.matched},
                   {"disabled", parity.disabled}, {"inactive", parity.inactive},
                   {"left-out", parity.unwanted}, {"nobodys", parity.others}};
  out["missing"] = array_of(parity.absent, [](const Absentee& each) -> ordered_json {
    return {{"person", each.person}, {"label", each.label}, {"why", each.why}};
  });
  out["different"] = array_of(parity.different, [](const Change& each) -> ordered_json {
    ordered_json what = ordered_json::array();
    for (const FieldChange& field : each.fields) what.push_back(field.path);
    for (const MembershipChange& edge : each.memberships) what.push_back(edge.kind + " " + edge.name);
    return {{"person", each.person}, {"account", each.account}, {"label", each.label}, {"what", what}};
  });
  out["notes"] = array_of(parity.notes, [](const Note& each) -> ordered_json {
    return {{"person", each.person},
            {"account", each.account},
            {"kind", to_string(each.kind)},
            {"message", each.message}};
  });
  return out;
}

}  // namespace usher
