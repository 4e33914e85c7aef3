#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "connectors/redactor.hpp"
#include "state/model/failure.hpp"

namespace usher {

/// Something that happened on the way to a platform. Holds no secret.
struct PlatformEvent {
  enum class Kind {
    request,   ///< was answered, or failed
    retry,     ///< a call failed and is tried again after `time`
    wait,      ///< the platform asked that nobody asks it for `time`
    given_up,  ///< the wait that the platform asks for, `time`, is longer than this run may wait
    login,     ///< a session is begun or refreshed
  };
  Kind kind = Kind::request;
  std::string platform = {};
  std::string request = {};          ///< "PATCH /users/7f…"
  int status = 0;                    ///< request: of the reply, 0: none
  std::chrono::milliseconds time{};  ///< request: how long it took; else how long is waited
  int attempt = 0;                   ///< retry: the number of the next try, from 2
  std::string reason = {};           ///< why, or what failed
};

/// Is told what happens on the way to platforms. Calls come from any thread and never throw.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void happened(const PlatformEvent& event) noexcept = 0;
  /// Whether exchanged() is wanted: making its text costs time.
  virtual bool traces() const { return false; }
  /// One whole exchange: request and reply with headers and bodies, without secrets.
  virtual void exchanged(std::string_view text) noexcept { static_cast<void>(text); }
};

/// What the parts of one platform's connector tell the observer: texts are cleaned of secrets on the way, and
/// without an observer nothing is done. Threads: any.
class PlatformWatch {
 public:
  PlatformWatch() = default;
  PlatformWatch(std::shared_ptr<Observer> observer, std::string platform, std::shared_ptr<Redactor> redactor)
      : observer_(std::move(observer)), platform_(std::move(platform)), redactor_(std::move(redactor)) {}

  void tell(PlatformEvent event) const noexcept;
  /// What is told of a failure: its cleaned description.
  void tell(PlatformEvent event, const Failure& failure) const noexcept;
  bool traces() const { return observer_ && observer_->traces(); }
  void trace(std::string_view text) const noexcept;

 private:
  std::shared_ptr<Observer> observer_;
  std::string platform_;
  std::shared_ptr<Redactor> redactor_;
};

}  // namespace usher
