#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rules/notify_rule.hpp"

namespace usher {

/// News of one kind about one run.
struct Notice {
  NoticeKind kind = NoticeKind::failed;
  std::string identity;            ///< the same for the same news in another run, whatever their numbers
  std::vector<std::string> lines;  ///< one a cause; never empty, no secrets
};

/// What all news of one run have in common.
struct NoticeOrigin {
  std::string command;        ///< "sync"
  std::string configuration;  ///< absolute path
  std::string host;
  std::int64_t run = 0;  ///< 0: none was recorded
  int exit_code = 0;
  std::string exit_name;
  std::string at;  ///< RFC 3339
};

}  // namespace usher
