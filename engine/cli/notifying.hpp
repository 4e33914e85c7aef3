#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/cli/command.hpp"
#include "engine/notify/notice.hpp"
#include "state/store/status.hpp"

namespace usher::cli {

/// What a command has to tell of its run.
struct RunNews {
  bool known = false;  ///< false: nothing came to an end that anybody could be told of
  std::int64_t run = 0;
  std::vector<Notice> notices;

  /// The run came to its end.
  void end(const std::vector<PullReport>& pulls, const Plan& plan, const ApplyReport& report);
};

/// What a command may tell of.
enum class NewsScope : std::uint8_t {
  everything,  ///< a run over everybody: what it does not tell of has ended
  changes,     ///< `changed` alone: the plan of a command for one purpose says nothing of what lasts
};

/// Does `work` and then tells those whom `notify` in the configuration names, with NewsScope::everything also
/// of an error that `work` throws. Neither the result nor the error is changed by that; what did not arrive
/// is logged.
ExitCode notifying(const Call& call, std::string_view command, const std::function<ExitCode(RunNews&)>& work,
                   NewsScope scope = NewsScope::everything);

/// Tells of platforms that were not read completely for longer than a rule's max-age.
void notify_of_age(const Call& call, const Status& status);

}  // namespace usher::cli
