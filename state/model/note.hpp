#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/model/why_left.hpp"

namespace usher {

/// How much a note asks of its reader.
enum class Severity : std::uint8_t {
  information,  ///< nothing is left undone that anybody asked for
  chosen,       ///< the configuration says that this is not done
  attention,    ///< somebody gets nothing or not everything, and nobody chose that
};
const char* to_string(Severity severity);

/// What kind of thing a plan leaves undone. A new kind gets its line in describe(): without it the program
/// does not compile.
enum class NoteKind : std::uint8_t {
  rule_error,
  claimed,
  ambiguous,
  exchange,
  renumbered,
  unknown_group,
  last_group,
  incomplete,
  unsure,
  not_read,
  no_seal,
  not_held,
  not_clearable,
  refused,
  unsettled,
  unknown_outcome,
  secret_lost,
  owed,
  own_account_unknown,
  no_disable,
  immutable,
  unsupported,
  cannot_enable,
  cannot_unlock,
  cannot_recreate,
  stale,
  changed_since,
  irreversible,
  vanished,
  clock,
  leaver,
  reported,
  no_create,
  waits,
  held_off,
  orphans,
  offboarded,
  own_account,
  comes_back,
  no_account,
};

/// Everything that is the same for all notes of one kind.
struct NoteMeaning {
  const char* name;  ///< in JSON and text: "rule-error"
  Severity severity;
  const char* meaning;  ///< one line, as docs/reports.md has it
};

/// An empty name for what is no kind.
NoteMeaning describe(NoteKind kind);
inline const char* to_string(NoteKind kind) {
  return describe(kind).name;
}
inline Severity severity_of(NoteKind kind) {
  return describe(kind).severity;
}
/// Reads what to_string wrote; throws std::invalid_argument for anything else.
NoteKind note_kind(std::string_view name);

/// Something that is not done and why, with the choice the user has.
struct Note {
  std::string platform;
  std::string person;   ///< id; empty: it is about no one person
  std::string account;  ///< id; empty: none
  NoteKind kind = NoteKind::rule_error;
  std::string message;  ///< one sentence, with values
  std::string cause =
      {};  ///< the message without what differs from person to person; empty: it is the message
  std::string group = {};  ///< "group engineers": the entitlement it is about; empty: none
  std::string accepted_until =
      {};  ///< date until which a person accepted it (`usher accept`); empty: nobody did
  std::optional<WhyLeft> left = {};  ///< of a leaver; not in the plan as it is kept

  /// What notes of one cause have in common: reports print one line for them.
  const std::string& why() const { return cause.empty() ? message : cause; }
  /// Whom or what it is about: the group, else the person, else the account; empty: the whole platform.
  const std::string& subject() const { return !group.empty() ? group : !person.empty() ? person : account; }
};
/// Of its kind; what is accepted is `chosen`.
Severity severity_of(const Note& note);
/// Short name of the note for `usher accept`, the same as long as its kind, platform, subject and cause are.
std::string id_of(const Note& note);

}  // namespace usher
