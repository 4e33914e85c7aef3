#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "examples/sandbox/call.hpp"
#include "examples/sandbox/clock.hpp"
#include "examples/sandbox/people.hpp"
#include "examples/sandbox/random.hpp"
#include "examples/sandbox/server.hpp"

namespace usher::sandbox {

/// One platform: its data and how it answers. Everything is called under one lock; nothing in it sleeps or
/// does I/O.
class Platform {
 public:
  virtual ~Platform() = default;

  /// Answers a call as the real platform would.
  virtual Reply serve(const Call& call) = 0;
  /// All data in a stable order, secrets left out.
  virtual nlohmann::json world() const = 0;
  /// What the administrator logs in with: {"identity", "secret"}.
  virtual nlohmann::json login() const = 0;
  /// The passwords that accounts have, by id; an empty object where the platform keeps digests.
  virtual nlohmann::json secrets() const;
  /// Inserts, deletes or changes users as somebody else would meanwhile: {"insert": n or user, "first":
  /// bool},
  /// {"delete": n or key}, {"disable": key}, {"enable": key}, {"rename": key, "name": new}, {"edit": key,
  /// "values": {}}, {"join" or "leave": key, "group": name}, {"settle": true}. A key is whatever a person is
  /// known by, or an id. Throws std::invalid_argument when it cannot.
  void change(const nlohmann::json& how);
  /// From now on no token issued so far is valid.
  virtual void expire_tokens() = 0;
  virtual void advance(std::int64_t seconds) { clock_.advance(seconds); }

 protected:
  /// `name` makes the streams of random numbers of the platforms differ.
  Platform(const Options& options, std::string_view name);

  /// What `change` is made of. "First" and the order of `erase_first` are the platform's own order of
  /// listing; the administrator is never among them. A key that is unknown throws std::invalid_argument.
  virtual void insert_person(const Person& person, bool first) = 0;
  virtual void insert_user(const nlohmann::json& user) = 0;
  virtual void erase_first() = 0;
  virtual void erase_user(const std::string& key) = 0;
  virtual void rename_user(const std::string& key, const std::string& name) = 0;
  /// These throw where the platform has no such thing.
  virtual void enable_user(const std::string& key, bool enabled);
  virtual void edit_user(const std::string& key, const nlohmann::json& values);
  virtual void change_membership(const std::string& key, const std::string& group, bool joins);
  virtual void settle();  ///< shows whatever is not shown yet

  /// Digest of a password; depends on the account so that equal passwords differ.
  std::uint64_t digest_of(std::string_view id, std::string_view secret) const;

  /// Goes on with random numbers that depend on a loaded world, so that no id in it is drawn a second time.
  void reseed(const nlohmann::json& world);

  /// Whether this second of the real time has seen fewer than `limit` calls before this one; 0 is no limit.
  bool within_rate(std::int64_t limit);

  const Options& options_;
  Clock clock_;
  Random random_;

 private:
  std::size_t strangers_ = 0;  ///< people `change` has invented
  std::int64_t second_ = 0;    ///< the second `calls_` are counted in
  std::int64_t calls_ = 0;
};

/// Makes the platform `name`, populated from the options' seed or with `load` when that is not null. Throws
/// std::invalid_argument when there is no such platform.
std::unique_ptr<Platform> make_platform(const std::string& name, const Options& options,
                                        const nlohmann::json* load);

}  // namespace usher::sandbox
