#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "state/model/account.hpp"
#include "state/model/schema.hpp"

namespace simdjson::dom {
class element;
}

namespace usher {

/// Where one attribute stands in a platform's user object.
struct AttributePlace {
  Attribute attribute;
  std::vector<std::string> places;  ///< dotted paths; the first one that holds something counts
};

/// How an object says that its account is active.
struct ActiveRule {
  std::string place;                ///< dotted path; empty: every account is active
  std::vector<std::string> values;  ///< as JSON text: "\"enabled\"", "true", "1"
  bool active_when = true;          ///< true: active when one of the values; false: active unless one of them
};

/// Memberships that stand in the user object itself, as a list of ids or of objects.
struct InnerMemberships {
  std::string kind;
  std::string
      place;       ///< dotted path of the list; one object or text instead of a list counts as a list of one
  std::string id;  ///< dotted path in an item; empty: the item is the id
  std::string details;  ///< dotted path in an item of a text or a list of texts; empty: none
  /// Path and texts: items that do not have one of them there, or have one of those, are passed over.
  std::vector<std::pair<std::string, std::vector<std::string>>> only, except;
};

/// What is read out of a user object.
struct AccountShape {
  std::string id;  ///< dotted path
  std::vector<AttributePlace> attributes;
  ActiveRule active;
  std::vector<InnerMemberships> memberships;
};

/// Reads platform objects into canonical accounts without building anything between:
/// a field is visited once, and what the shape does not name, secrets among it, is never copied.
///
/// Threads: constant after construction; each thread brings its own Scratch.
class AccountReader {
 public:
  class Scratch;

  explicit AccountReader(AccountShape shape);
  ~AccountReader();
  AccountReader(AccountReader&&) noexcept;

  std::unique_ptr<Scratch, void (*)(Scratch*)> scratch() const;
  /// Why an object cannot be used as it is.
  struct Wrong {
    std::string why;
    bool attribute = false;  ///< an attribute cannot be read; the account is right but for what is missing
  };
  /// Fills `account`, as far as it can be read: its id before all.
  std::optional<Wrong> read(const simdjson::dom::element& object, Account& account, Scratch& scratch) const;

 private:
  struct Plan;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace usher
