#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "engine/apply/first_secrets.hpp"
#include "engine/check/checks.hpp"
#include "engine/check/test_values.hpp"
#include "engine/runtime/terminal_text.hpp"
#include "state/model/normalise.hpp"

namespace usher {

namespace {

using nlohmann::json;

/// The throw-away account: it is made, changed in every way and taken away again.
class Writing {
 public:
  Writing(Connector& connector, const Pulled& pulled, Checks& checks, const std::stop_token& stop)
      : connector_(connector), can_(connector.capabilities()), pulled_(pulled), checks_(checks), stop_(stop) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    stamp_ = fmt::format("usher-test-{:x}-{:x}", seconds, getpid());
  }

  std::string run() {
    if (!can_.create) {
      checks_.not_possible("creates an account", "there is no call for it; nothing else is tried");
      return {};
    }
    if (!create()) return account_;
    refuses_a_twin();
    for (const UpdateRoute& route : can_.updates) update(route);
    try_texts(connector_, account_, checks_, stop_);
    for (const auto& [kind, id] : checks_.options().join) membership(kind, id);
    try_access(connector_, account_, checks_, stop_);
    disable_and_enable();
    return take_away();
  }

 private:
  Operation operation(OperationKind kind) const {
    Operation made;
    made.kind = kind;
    made.account = account_;
    made.label = stamp_;
    return made;
  }

  Outcome<Receipt> apply(const Operation& change) { return connector_.apply(change, {}, stop_); }

  /// The account as it is now; sets `wrong` when it cannot be had.
  std::optional<Account> now(std::string& wrong) {
    auto read = connector_.read({.id = account_}, stop_);
    if (read && *read) return std::move(**read);
    wrong = read ? "it does not exist when it is read back" : "reading back: " + describe(read.error());
    return std::nullopt;
  }

  /// What is not as it was written; empty: all is.
  std::string unlike(const json& written) {
    std::string wrong;
    if (!can_.read) return wrong;
    const auto account = now(wrong);
    if (!account) return wrong;
    const json held = json::parse(account->attributes);
    for (const auto& [path, value] : written.items()) {
      const Attribute* attribute = can_.schema.find(path);
      if (attribute == nullptr || !attribute->readable || attribute->secret) continue;
      const json expected = normalised(value, *attribute);
      if (at_path(held, path) == expected) continue;
      wrong += fmt::format("{}{} was written as {} and reads {}", wrong.empty() ? "" : "; ", path,
                           escaped(expected.dump()), escaped(at_path(held, path).dump()));
    }
    return wrong;
  }

  /// A create with what it needs, or with all that it takes and a value can be made up for.
  Operation create_with(bool all) const {
    Operation made = operation(OperationKind::create);
    made.account.clear();
    for (const Attribute& attribute : can_.schema.attributes) {
      const bool needed =
          attribute.required || attribute.path == can_.natural_key || attribute.path == can_.label;
      if (!attribute.creatable || attribute.secret || !(needed || all)) continue;
      if (json value = needed ? values_.first(attribute) : values_.optional(attribute); !value.is_null())
        made.after[attribute.path] = std::move(value);
    }
    made.after.update(checks_.options().create);
    return made;
  }

  bool create() {
    const std::string name = "creates an account";
    Operation made = create_with(true);
    const FirstSecret discarded;
    const Secret secret = can_.first_secret ? new_secret(discarded, can_.secrets) : Secret();
    auto receipt = connector_.apply(made, secret, stop_);
    const bool refused = !receipt && !receipt.error().may_have_happened;
    if (const Operation least = create_with(false); refused && least.after != made.after) {
      checks_.not_possible("creates an account with every attribute",
                           describe(receipt.error()) + "; --set PATH=VALUE gives what it takes");
      made = least;
      receipt = connector_.apply(made, secret, stop_);
    }
    if (!receipt) {
      checks_.failed(name, describe(receipt.error()) + "; --set PATH=VALUE gives what it needs");
      if (!receipt.error().may_have_happened) return false;
      account_ = "(unknown; look for " + stamp_ + ")";
      return false;
    }
    account_ = receipt->account;
    written_ = made.after;
    if (receipt->unfinished) {
      const auto whole = connector_.finish(made, *receipt, secret, stop_);
      if (!whole) checks_.failed(name, describe(whole.error()));
      if (!whole) return false;
    }
    if (!can_.read) {
      checks_.ok(name, account_);
      return true;
    }
    checks_.judge(name, unlike(made.after), account_);
    if (can_.find && written_.contains(can_.natural_key)) {
      const auto found =
          connector_.read({.natural_key = written_.at(can_.natural_key).get<std::string>()}, stop_);
      const bool same = found && *found && (*found)->id == account_;
      checks_.judge("finds the new account by its key",
                    same     ? ""
                    : !found ? describe(found.error())
                             : "it is not found: a create whose answer is lost would be done twice");
    }
    return true;
  }

  void refuses_a_twin() {
    const std::string name = "refuses a second account of the same key";
    if (can_.natural_key.empty()) return checks_.not_possible(name, "no attribute is said to be unique");
    Operation twin = operation(OperationKind::create);
    twin.account.clear();
    twin.after = written_;
    const FirstSecret discarded;
    const Secret secret = can_.first_secret ? new_secret(discarded, can_.secrets) : Secret();
    const auto receipt = connector_.apply(twin, secret, stop_);
    if (!receipt) {
      const bool known = receipt.error().kind == FailureKind::conflict;
      return checks_.judge(name, known ? ""
                                       : "it is refused, but not as a conflict: " +
                                             describe(receipt.error()) + "; a rule in 'errors' can say so");
    }
    if (receipt->account != account_) {
      Operation gone = operation(OperationKind::remove);
      gone.account = receipt->account;
      const bool removed = can_.remove && apply(gone).has_value();
      return checks_.failed(name, fmt::format("a twin was made, {}, and {}", receipt->account,
                                              removed ? "deleted again" : "IS STILL THERE"));
    }
    checks_.failed(name, "the second create answers the first account");
  }

  void update(const UpdateRoute& route) {
    std::string wrong;
    const auto before = can_.read ? now(wrong) : std::nullopt;
    const json held = before ? json::parse(before->attributes) : json::object();
    for (const std::string& path : route.attributes) {
      const Attribute& attribute = *can_.schema.find(path);
      const std::string name = fmt::format("changes {} ({})", path, route.name);
      const bool given = checks_.options().change.contains(path);
      const auto value = values_.other(attribute, at_path(held, path));
      if (!value) {
        checks_.not_possible(name, fmt::format("give a value: --change {}=…", path));
        continue;
      }
      if (!given && TestValues::looks_powerful(path)) {
        checks_.not_possible(name, fmt::format("it might make the account an administrator; --change {}=… "
                                               "does it all the same",
                                               path));
        continue;
      }
      std::string unread;
      const auto as_it_was = can_.read ? now(unread) : std::nullopt;
      Operation change = operation(OperationKind::update);
      change.route = route.name;
      change.after[path] = *value;
      const auto receipt = apply(change);
      if (!receipt && !given && receipt.error().kind == FailureKind::invalid) {
        checks_.not_possible(name, fmt::format("{} is not taken ({}); give another: --change {}=…",
                                               escaped(value->dump()), describe(receipt.error()), path));
        continue;
      }
      if (!receipt) {
        checks_.failed(name, describe(receipt.error()));
        continue;
      }
      std::string unexpected = unlike(change.after);
      if (unexpected.empty() && as_it_was) unexpected = also_changed(*as_it_was, path);
      checks_.judge(name, unexpected, escaped(value->dump()));
      if (receipt && attribute.clearable && !attribute.required && attribute.type != AttributeType::boolean)
        empty(route, path);
    }
  }

  /// Whether one attribute only repeats another one's value, and changed with it: a login that shows the
  /// e-mail.
  static bool follows(const json& was, const json& is, const json& before, const json& after) {
    if (!before.is_string() || !after.is_string() || before.get_ref<const std::string&>().empty())
      return false;
    std::string text = was.dump();
    const std::string from = json(before).dump(), to = json(after).dump();
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
    return text == is.dump();
  }

  /// What else is another after a change of one attribute; empty: nothing.
  std::string also_changed(const Account& as_it_was, const std::string& path) {
    std::string wrong;
    const auto account = now(wrong);
    if (!account) return wrong;
    const json before = json::parse(as_it_was.attributes), held = json::parse(account->attributes);
    if (account->active != as_it_was.active)
      wrong =
          account->active ? "the update also enabled the account" : "the update also disabled the account";
    if (account->memberships != as_it_was.memberships)
      wrong +=
          fmt::format("{}the update also changed its memberships, from {} to {}", wrong.empty() ? "" : "; ",
                      escaped(as_it_was.memberships), escaped(account->memberships));
    for (const Attribute& one : can_.schema.attributes) {
      const json& was = at_path(before, one.path);
      const json& is = at_path(held, one.path);
      if (one.path == path || was == is || follows(was, is, at_path(before, path), at_path(held, path)))
        continue;
      wrong += fmt::format("{}the update also changed {}, from {} to {}", wrong.empty() ? "" : "; ", one.path,
                           escaped(was.dump()), escaped(is.dump()));
    }
    return wrong;
  }

  void empty(const UpdateRoute& route, const std::string& path) {
    Operation change = operation(OperationKind::update);
    change.route = route.name;
    change.after[path] = nullptr;
    const auto receipt = apply(change);
    checks_.judge(fmt::format("empties {} ({})", path, route.name),
                  receipt ? unlike(change.after)
                          : describe(receipt.error()) + "; clearable: false says that it cannot");
  }

  /// The details of a membership; null: it is not there.
  json details_of(const Membership& membership, std::string& wrong) {
    const auto account = now(wrong);
    if (!account) return nullptr;
    const json all = json::parse(account->memberships.empty() ? "{}" : account->memberships);
    const auto kind = all.find(membership.kind);
    return kind == all.end() ? json() : kind->value(membership.entitlement, json());
  }

  void step(const std::string& name, const Operation& change, bool there) {
    const auto receipt = apply(change);
    std::string wrong = receipt ? "" : describe(receipt.error());
    if (wrong.empty() && can_.read) {
      const json details = details_of(change.membership, wrong);
      if (wrong.empty() && details.is_null() == there)
        wrong = there ? "it was added and is not there" : "it was removed and is still there";
      else if (wrong.empty() && there && details != json(change.membership.details))
        wrong = fmt::format("it was added with {} and reads {}",
                            escaped(json(change.membership.details).dump()), escaped(details.dump()));
    }
    checks_.judge(name, wrong, receipt && receipt->already ? "the platform says it was so already" : "");
  }

  void membership(const std::string& kind, const std::string& id) {
    const EntitlementKind* known = can_.entitlement(kind);
    const std::string what = kind + " " + escaped(id);
    if (known == nullptr || !known->add)
      return checks_.not_possible("joins " + what, "there is no call for it");
    Operation add = operation(OperationKind::add_membership);
    add.membership = {account_, kind, id, known->closure(known->default_details)};
    step("joins " + what, add, true);
    step("joins " + what + " a second time", add, true);
    if (!known->remove) return checks_.not_possible("leaves " + what, "there is no call for it");
    Operation remove = operation(OperationKind::remove_membership);
    remove.membership = {account_, kind, id, {}};
    step("leaves " + what, remove, false);
    step("leaves " + what + " a second time", remove, false);
  }

  void turn(const std::string& name, OperationKind kind, bool active) {
    const auto receipt = apply(operation(kind));
    std::string wrong = receipt ? "" : describe(receipt.error());
    if (wrong.empty() && can_.read) {
      const auto account = now(wrong);
      if (account && account->active != active)
        wrong = fmt::format("it reads {}", account->active ? "active" : "disabled");
    }
    checks_.judge(name, wrong);
  }

  // A listing without disabled accounts takes everybody who was disabled for gone.
  void listed_when_disabled() {
    const std::string name = "lists disabled accounts";
    const Pulled listed = pull_all(connector_, stop_);
    if (listed.failure) return checks_.failed(name, describe(*listed.failure));
    const bool omits = std::find(can_.omits.begin(), can_.omits.end(), "disabled") != can_.omits.end();
    const bool there = listed.digests.contains(account_);
    checks_.judge(name, there || omits ? ""
                                       : "it is not listed any more: 'omits: [disabled]' says that this "
                                         "listing shows no disabled accounts");
  }

  void disable_and_enable() {
    if (!can_.disable) return checks_.not_possible("disables", "there is no call for it");
    turn("disables", OperationKind::disable, false);
    listed_when_disabled();
    turn("disables a second time", OperationKind::disable, false);
    if (!can_.enable) return checks_.not_possible("enables", "there is no call for it");
    turn("enables", OperationKind::enable, true);
    turn("enables a second time", OperationKind::enable, true);
  }

  // Also when the rest was interrupted: the account is ours to take away.
  std::string take_away() {
    if (!can_.remove) {
      checks_.not_possible("deletes", "there is no call for it");
      if (can_.disable) connector_.apply(operation(OperationKind::disable), {}, {});
      return account_;
    }
    const auto receipt = connector_.apply(operation(OperationKind::remove), {}, {});
    if (!receipt) {
      checks_.failed("deletes", describe(receipt.error()));
      return account_;
    }
    if (can_.read) {
      const auto read = connector_.read({.id = account_}, {});
      checks_.judge("deletes", !read ? describe(read.error()) : *read ? "it is still there" : "");
    } else {
      checks_.ok("deletes");
    }
    const auto again = connector_.apply(operation(OperationKind::remove), {}, {});
    checks_.judge("deletes a second time", again ? "" : describe(again.error()));
    return {};
  }

  Connector& connector_;
  const Capabilities& can_;
  const Pulled& pulled_;
  Checks& checks_;
  const std::stop_token& stop_;
  std::string stamp_;
  const TestValues values_{can_, pulled_, stamp_, checks_.options().change};
  std::string account_;
  json written_;
};

}  // namespace

std::string try_writing(Connector& connector, const Pulled& pulled, Checks& checks,
                        const std::stop_token& stop) {
  return Writing(connector, pulled, checks, stop).run();
}

}  // namespace usher
