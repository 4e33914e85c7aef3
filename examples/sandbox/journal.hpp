#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/call.hpp"

namespace usher::sandbox {

/// The writes a platform has done, in order; what tests compare with what a client believes it did. Not
/// locked.
class Journal {
 public:
  void add(const Call& call, const Reply& reply);
  nlohmann::json entries() const;

 private:
  struct Entry {
    std::string method;
    std::string path;
    std::string effect;
    std::string subject;
    int status;
    std::string body;  ///< JSON, secrets masked
  };
  std::vector<Entry> entries_;
};

/// The JSON `body` with the value of every member that holds a secret replaced by "***". Null when it is no
/// JSON.
nlohmann::json masked(const std::string& body);

}  // namespace usher::sandbox
