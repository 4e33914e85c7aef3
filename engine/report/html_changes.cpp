#include "engine/report/html_changes.hpp"

#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/report/undo_text.hpp"
#include "state/model/plan_parts_json.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// What the operations of one change say of it.
struct ChangeMarks {
  bool held = false, takes = false;
  json not_done = json::array();
};

std::vector<ChangeMarks> marks_of(const Plan& plan, const PlanOutcome* outcome) {
  std::vector<ChangeMarks> marks(plan.changes.size());
  for (const Operation& operation : plan.operations) {
    if (operation.change >= marks.size()) continue;
    ChangeMarks& mark = marks[operation.change];
    mark.held = mark.held || operation.held;
    mark.takes = mark.takes || takes_away(operation.kind);
    if (outcome == nullptr) continue;
    const auto found = outcome->not_done.find(operation.id);
    if (found != outcome->not_done.end())
      mark.not_done.push_back({to_string(found->second.state), found->second.message});
  }
  return marks;
}

/// Texts that come again, each once. Points into the plan.
class SharedTexts {
 public:
  std::size_t place_of(std::string_view text) {
    const auto [found, fresh] = places_.try_emplace(text, texts_.size());
    if (fresh) texts_.push_back(text);
    return found->second;
  }

  const std::vector<std::string_view>& texts() const { return texts_; }

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<std::string_view> texts_;
};

json row_of(const Change& change, const ChangeMarks& marks, const std::string& for_good,
            SharedTexts& shared) {
  json fields = json::array(), memberships = json::array();
  for (const FieldChange& field : change.fields)
    fields.push_back({shared.place_of(field.path), shared.place_of(field.rule), field.before, field.after});
  for (const MembershipChange& edge : change.memberships)
    memberships.push_back({shared.place_of(to_string(edge.act)), shared.place_of(edge.kind),
                           shared.place_of(edge.entitlement), shared.place_of(edge.name),
                           shared.place_of(edge.because), edge.before, edge.after});
  return {shared.place_of(to_string(change.act)),
          shared.place_of(change.platform),
          shared.place_of(change.because),
          change.person,
          change.account,
          change.label,
          marks.held ? 1 : 0,
          marks.takes ? 1 : 0,
          std::move(fields),
          std::move(memberships),
          marks.not_done,
          for_good};
}

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

void write_html_changes(const Plan& plan, const PlanOutcome* outcome, const TextSink& sink) {
  const std::vector<ChangeMarks> marks = marks_of(plan, outcome);
  const std::vector<std::string> for_good = irreversible_by_change(plan);
  SharedTexts shared;
  sink("{\"rows\":[");
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    if (i > 0) sink(",\n");
    sink(dumped(row_of(plan.changes[i], marks[i], for_good[i], shared)));
  }
  sink("],\"texts\":");
  sink(dumped(shared.texts()));
  sink("}");
}

}  // namespace usher
