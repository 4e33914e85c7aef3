#include "engine/migrate/first_configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <regex>
#include <utility>

#include "engine/migrate/attribute_semantics.hpp"
#include "engine/migrate/column_profile.hpp"
#include "engine/migrate/proposal.hpp"
#include "engine/migrate/source_attribute.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "rules/guard_defaults.hpp"
#include "state/model/guard_kind.hpp"
#include "state/model/schema.hpp"

namespace usher {

namespace {

/// A column that is there must be there: when it is renamed, that is an error, and nobody's value is emptied.
std::string strict(const std::string& expression) {
  static const std::regex name(R"re(record\.\?([A-Za-z0-9_]+)\.orValue\(""\))re");
  static const std::regex quoted_name(R"re(record\[\?("(?:[^"\\]|\\.)*")\]\.orValue\(""\))re");
  return std::regex_replace(std::regex_replace(expression, name, "record.$1"), quoted_name, "record[$1]");
}

std::string variable(const std::string& platform, const std::string& option) {
  std::string name = platform + "_" + option;
  for (char& c : name)
    c = c >= 'a' && c <= 'z'                               ? static_cast<char>(c - 'a' + 'A')
        : (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c
                                                           : '_';
  return name;
}

/// A limit that holds anyway, as it would be written; of a platform, or of people.
std::string limit_line(GuardKind kind, const char* about) {
  const Guard guard = default_guard(kind).value_or(Guard());
  const std::string limit =
      fmt::format("{}: {{percent: {}, at-least: {}}}", to_string(kind), guard.percent, guard.at_least);
  return fmt::format("{:<46}# {}\n", limit, about);
}

/// Writes one configuration, section after section.
class FirstConfiguration {
 public:
  explicit FirstConfiguration(const FirstConfigurationInput& input)
      : input_(input), columns_(profile_columns(input.columns, input.rows)) {
    open_.schema.open = true;
    key_ = choose_key(columns_);
    activity_ = find_activity(columns_);
    open_.natural_key = open_.label = key_->name;
    migration_ = propose(from(), to(), {read_column(key_->name), "", Disabled::as_they_are});
  }

  std::string text() const {
    return fmt::format(
               "# Proposed by `usher init` out of {} of {}. Nothing here takes anything away from "
               "anybody yet.\n"
               "# Next: `usher validate`, `usher doctor`, `usher plan`. docs/configuration.md tells every "
               "key.\n"
               "version: 1                       # of this language; there is no other yet\n"
               "state: usher.db                  # what usher remembers: one SQLite file\n",
               pluralised(input_.rows.size(), "row", "rows"), one_line(input_.path)) +
           platforms() + people() + accounts();
  }

 private:
  Side from() const {
    Side side;
    side.can = &open_;
    side.profile.platform = "hr";
    side.profile.accounts = side.profile.active = input_.rows.size();
    for (const ColumnProfile& column : columns_) {
      FieldProfile field;
      field.path = column.name;
      field.filled = field.texts = column.filled;
      field.distinct = column.distinct;
      field.longest = column.longest;
      field.mails = column.mails;
      if (!column.name.empty()) side.profile.fields.push_back(std::move(field));
    }
    return side;
  }

  Side to() const {
    Side side;
    side.can = input_.can;
    side.profile.platform = input_.to;
    return side;
  }

  std::string platforms() const {
    std::string text =
        "\n# Where: every system, by a name of your choice.\nplatforms:\n  hr:\n"
        "    connector: csv               # what kind of system it is: `usher connector list`\n";
    text += fmt::format("    path: {}   # seen from the folder of this file\n", quoted_yaml(input_.path));
    if (input_.delimiter != ',')
      text += fmt::format(
          "    delimiter: {}                 # as the header has it\n",
          input_.delimiter == '\t' ? std::string("tab") : fmt::format("\"{}\"", input_.delimiter));
    if (!input_.encoding.empty())
      text += fmt::format("    encoding: {}        # the file is no UTF-8; look at a name with accents\n",
                          input_.encoding);
    if (input_.skip_rows > 0)
      text += fmt::format("    skip-rows: {}                 # lines above the header\n", input_.skip_rows);
    if (!is_identifier(key_->name))
      text += fmt::format("    key: {}                # the column that people.key reads\n",
                          quoted_yaml(key_->name));
    if (activity_ && !activity_->pattern.empty())
      text += fmt::format(
          "    dates: {{{}: {}}}   # how that column writes dates; records have them as 2026-03-01\n",
          quoted_yaml(activity_->column), quoted_yaml(activity_->pattern));
    text +=
        "    # A file proves itself by ending with a line end and by not being much shorter than the last "
        "one.\n";
    text +=
        "    shrink: 20%                  # where more of the last records are missing, nobody counts as "
        "gone\n";
    return text + target();
  }

  std::string target() const {
    std::string text =
        fmt::format("  {0}:\n    connector: {0}   # its options: usher connector show {0}\n", input_.to);
    for (const Option& option : input_.kind.options) {
      if (option.name == "url") {
        const std::string url = input_.url.empty() ? option.default_value : input_.url;
        text += fmt::format("    url: {}   # {}\n",
                            quoted_yaml(url.empty() ? "https://" + input_.to + ".example.com" : url),
                            option.about);
      } else if (input_.kind.needs(option)) {
        text += fmt::format("    {}: ${{env:{}}}   # {}\n", option.name, variable(input_.to, option.name),
                            option.about);
      }
    }
    return text;
  }

  std::string people() const {
    std::string text =
        "\n# Who should exist: one person for each record.\npeople:\n  from: hr   # the platform above whose "
        "records are people\n";
    text += fmt::format(
        "  # {}: {}.\n  # It must never change and never come back for somebody else: then usher knows who "
        "is who.\n",
        one_line(key_->name), key_->why);
    text += fmt::format("  key: {}\n", quoted_yaml(read_column(key_->name)));
    if (!migration_.mapping.empty()) text += "  attributes:\n";
    for (const Mapping& mapping : migration_.mapping) {
      text += fmt::format("    {}: {}   # from {}, for {} of {}{}\n", mapping.person,
                          quoted_yaml(strict(mapping.expression)), one_line(mapping.from), mapping.to,
                          input_.to, mapping.remark.empty() ? "" : "; " + mapping.remark);
    }
    if (activity_)
      text += fmt::format("  # {}.\n  active: {}\n", activity_->why, quoted_yaml(activity_->expression));
    else
      text +=
          "  # No column says who is still here: everybody in the file is. `active: record.status == "
          "\"active\"`\n";
    text +=
        "  # Limits on the file as a whole hold anyway. Beyond one nothing is taken from anybody until "
        "somebody "
        "agrees.\n  guards:\n    " +
        limit_line(GuardKind::vanished_records, "people who are no longer in the file") + "    " +
        limit_line(GuardKind::rule_errors, "people for whom an expression fails");
    return text;
  }

  std::string accounts() const {
    std::string text = fmt::format(
        "\n# What: what each person has on each platform that is written to.\naccounts:\n  {}:\n", input_.to);
    text +=
        "    # Without `who` everybody above has an account here. Whoever has one and is not in `who` is "
        "treated as a\n"
        "    # leaver: begin with `leavers: {disable: never}` as below.\n"
        "    # who: person.department == \"engineering\"\n";
    text += match() + set();
    text +=
        "    # Without `groups` memberships are left alone; an empty list would mean that nobody is in "
        "anything.\n"
        "    # groups:\n    #   - {group: engineers, when: person.department == \"engineering\"}\n"
        "    # Nobody is disabled or deleted until you say so: `disable: now` when the plans look right.\n"
        "    leavers: {disable: never, delete: never}\n"
        "    # Beyond a limit nothing is done until somebody agrees; these are the limits that hold anyway.\n"
        "    guards:\n";
    for (const auto& [kind, about] : limits) text += "      " + limit_line(kind, about);
    text +=
        "      # This one holds as soon as an apply ended here without a failure: before, everybody is new.\n"
        "      # " +
        limit_line(GuardKind::create, "new accounts");
    return text;
  }

  std::string match() const {
    if (migration_.match.empty())
      return "    # match: how accounts that exist are found is for you to say; without it all are made "
             "anew\n";
    std::string text = "    # How to find the account of a person who has one already.\n    match:\n";
    for (const Overlap& one : migration_.match) {
      const auto mapping = std::find_if(migration_.mapping.begin(), migration_.mapping.end(),
                                        [&](const Mapping& each) { return each.to == one.to; });
      const auto column = std::find_if(columns_.begin(), columns_.end(),
                                       [&](const ColumnProfile& each) { return each.name == one.from; });
      if (mapping == migration_.mapping.end() || column == columns_.end()) continue;
      text += fmt::format("      # {}\n      - {{account: {}, person: person.{}, fold: case}}\n",
                          collisions_text(*column, input_.rows.size()), one.to, mapping->person);
    }
    return text;
  }

  std::string set() const {
    if (migration_.mapping.empty()) return {};
    std::string text = "    # Attributes that are not named here are left as they are.\n    set:\n";
    for (const Mapping& mapping : migration_.mapping) {
      const Attribute* attribute = input_.can->schema.find(mapping.to);
      text +=
          fmt::format("      {}: person.{}{}\n", mapping.to, mapping.person,
                      attribute != nullptr && attribute->required ? "   # needed to create an account" : "");
    }
    for (const Attribute& attribute : input_.can->schema.attributes) {
      const bool mapped = std::any_of(migration_.mapping.begin(), migration_.mapping.end(),
                                      [&](const Mapping& each) { return each.to == attribute.path; });
      if (attribute.required && !attribute.secret && !mapped)
        text += fmt::format("      # {}: …   # {} needs it to create an account, and no column means that\n",
                            attribute.path, input_.to);
    }
    return text;
  }

  static constexpr std::array<std::pair<GuardKind, const char*>, 5> limits{
      {{GuardKind::removals, "accounts that lose anything"},
       {GuardKind::update, "accounts that change, in the first apply too"},
       {GuardKind::enable, "accounts that are enabled or unlocked"},
       {GuardKind::keys, "accounts whose login or address changes"},
       {GuardKind::vanished, "accounts of people that the platform shows no more"}}};

  const FirstConfigurationInput& input_;
  std::vector<ColumnProfile> columns_;
  Capabilities open_;
  std::optional<KeyChoice> key_;
  std::optional<Activity> activity_;
  Migration migration_;
};

}  // namespace

std::string first_configuration(const FirstConfigurationInput& input) {
  return FirstConfiguration(input).text();
}

std::vector<std::string> first_variables(const std::string& to, const ConnectorKind& kind) {
  std::vector<std::string> names;
  for (const Option& option : kind.options)
    if (option.name != "url" && kind.needs(option)) names.push_back(variable(to, option.name));
  return names;
}

}  // namespace usher
