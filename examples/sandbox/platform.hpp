#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "examples/sandbox/call.hpp"
#include "examples/sandbox/clock.hpp"
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
  /// Inserts, deletes or changes users as somebody else would meanwhile: {"insert": n or user, "first":
  /// bool},
  /// {"delete": n or key}, {"disable": key}, {"enable": key}, {"rename": key, "name": new}. Throws
  /// std::invalid_argument when it cannot.
  virtual void change(const nlohmann::json& how) = 0;
  /// From now on no token issued so far is valid.
  virtual void expire_tokens() = 0;
  virtual void advance(std::int64_t seconds) { clock_.advance(seconds); }

 protected:
  /// `name` makes the streams of random numbers of the platforms differ.
  Platform(const Options& options, std::string_view name);

  const Options& options_;
  Clock clock_;
  Random random_;
};

/// Makes the platform `name`, populated from the options' seed or with `load` when that is not null. Throws
/// std::invalid_argument when there is no such platform.
std::unique_ptr<Platform> make_platform(const std::string& name, const Options& options,
                                        const nlohmann::json* load);

}  // namespace usher::sandbox
