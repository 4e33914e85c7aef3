#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "connectors/connector.hpp"

namespace usher {

/// Why days are not to be counted by the clock of this machine, from what a platform says of the time; empty:
/// they may be, or the platform does not say. A day's difference is a clock that is wrong. now: seconds since
/// 1970. One request.
std::string clock_doubt(Connector& connector, const std::string& platform, std::int64_t now,
                        std::stop_token stop);

}  // namespace usher
