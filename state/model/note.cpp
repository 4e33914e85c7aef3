#include "state/model/note.hpp"

#include <stdexcept>

#include "state/model/fingerprint.hpp"
#include "state/model/named.hpp"

namespace usher {

const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::information:
      return "information";
    case Severity::chosen:
      return "chosen";
    case Severity::attention:
      return "attention";
  }
  return "";
}

NoteMeaning describe(NoteKind kind) {
  using enum Severity;
  switch (kind) {
    case NoteKind::rule_error:
      return {"rule-error", attention, "an expression of the rules fails for this person"};
    case NoteKind::claimed:
      return {"claimed", attention, "the account that matches is linked to another person"};
    case NoteKind::ambiguous:
      return {"ambiguous", attention, "several accounts or several people match"};
    case NoteKind::exchange:
      return {"exchange", attention, "accounts would have to exchange a unique value"};
    case NoteKind::renumbered:
      return {"renumbered", attention, "a person seems to have got a new key"};
    case NoteKind::unknown_group:
      return {"unknown-group", attention, "a rule names a group that the platform does not have"};
    case NoteKind::last_group:
      return {"last-group", attention, "the platform keeps at least one membership, the rules give none"};
    case NoteKind::incomplete:
      return {"incomplete", attention, "a value that the platform requires is empty"};
    case NoteKind::unsure:
      return {"unsure", attention, "a membership stays because a rule names an unknown group"};
    case NoteKind::not_read:
      return {"not-read", attention, "the platform was not read, so nothing is planned there"};
    case NoteKind::no_seal:
      return {"no-seal", attention, "a pull was not complete, so absence proves nothing"};
    case NoteKind::not_held:
      return {"not-held", attention, "the platform says it is done, and it is not so"};
    case NoteKind::not_clearable:
      return {"not-clearable", attention, "the platform cannot empty the attribute"};
    case NoteKind::refused:
      return {"refused", attention, "the platform refused the same change before"};
    case NoteKind::unsettled:
      return {"unsettled", attention, "what became of an operation of an earlier run is not known yet"};
    case NoteKind::unknown_outcome:
      return {"unknown-outcome", attention,
              "a request was sent, and nothing can tell whether it took effect"};
    case NoteKind::secret_lost:
      return {"secret-lost", attention, "a secret was made and could not be handed over"};
    case NoteKind::owed:
      return {"owed", attention, "a part of an earlier change is still to be done"};
    case NoteKind::own_account_unknown:
      return {"own-account-unknown", attention,
              "the platform does not say which account usher logs in with, so that account is not protected"};
    case NoteKind::no_disable:
      return {"no-disable", attention,
              "the platform cannot disable, and the rules choose nothing in its place"};
    case NoteKind::immutable:
      return {"immutable", attention,
              "the platform cannot change the attribute, and the rules choose nothing"};
    case NoteKind::unsupported:
      return {"unsupported", attention, "the platform or its connector cannot do this"};
    case NoteKind::cannot_enable:
      return {"cannot-enable", attention, "the account is disabled and the platform cannot enable it"};
    case NoteKind::cannot_unlock:
      return {"cannot-unlock", attention, "the account is locked and the connector cannot unlock it"};
    case NoteKind::cannot_recreate:
      return {"cannot-recreate", attention, "the account would have to be recreated and cannot be now"};
    case NoteKind::stale:
      return {"stale", attention, "the account changed after the plan was made"};
    case NoteKind::changed_since:
      return {"changed-since", attention, "an undo leaves it: it changed after the run that is undone"};
    case NoteKind::irreversible:
      return {"irreversible", attention, "an undo cannot bring it back"};
    case NoteKind::vanished:
      return {"vanished", attention, "something that was there is gone without a reason"};
    case NoteKind::clock:
      return {"clock", attention, "the clocks of this machine and of a platform differ"};
    case NoteKind::leaver:
      return {"leaver", chosen, "the rules let the account of a leaver stay"};
    case NoteKind::reported:
      return {"reported", chosen, "the rules say `report` for what the platform cannot do"};
    case NoteKind::no_create:
      return {"no-create", chosen, "the rules create no accounts there"};
    case NoteKind::waits:
      return {"waits", chosen, "it is done on a later day"};
    case NoteKind::held_off:
      return {"held-off", chosen, "it is not done again for a time, because somebody undid it"};
    case NoteKind::orphans:
      return {"orphans", chosen, "accounts that nobody declares stay for now"};
    case NoteKind::offboarded:
      return {"offboarded", chosen, "nothing is given to somebody who was offboarded"};
    case NoteKind::own_account:
      return {"own-account", information, "it is the account usher logs in with"};
    case NoteKind::comes_back:
      return {"comes-back", information, "a later sync gives back what is taken"};
    case NoteKind::no_account:
      return {"no-account", information, "the person has no account there"};
  }
  return {"", attention, ""};
}

Severity severity_of(const Note& note) {
  const Severity severity = severity_of(note.kind);
  const bool accepted = severity == Severity::attention && !note.accepted_until.empty();
  return accepted ? Severity::chosen : severity;
}

std::string id_of(const Note& note) {
  constexpr std::size_t length = 10;
  std::string parts;  // none of them holds the character between them
  for (const std::string_view part : {std::string_view(to_string(note.kind)), std::string_view(note.platform),
                                      std::string_view(note.subject()), std::string_view(note.why())}) {
    parts += part;
    parts += '\0';
  }
  return public_digest(parts).substr(0, length);
}

NoteKind note_kind(std::string_view name) {
  if (const auto kind = named<NoteKind>(name)) return *kind;
  throw std::invalid_argument("unknown kind of note '" + std::string(name) + "'");
}

}  // namespace usher
