#pragma once

#include <map>
#include <string>
#include <vector>

#include "state/model/plan.hpp"
#include "state/store/approvals.hpp"

namespace usher {

/// What a lane of a plan has to do with each of its operations, by index.
struct Lane {
  enum class Part : char {
    none,
    whole,    ///< the guard does not count it, but its change makes no sense without what it counts
    counted,  ///< the guard counts it
  };
  std::string name;  ///< lane_of()
  std::vector<Part> parts;
  std::vector<const Approval*> admitted;  ///< by what; null: by nothing

  bool is_left(std::size_t operation) const {
    return parts[operation] != Part::none && admitted[operation] == nullptr;
  }
};

/// Which operations of one plan approvals admit in a lane. Each is admitted by its own digest. A change that
/// gives an account is admitted whole or not at all: nothing of it can be done without the rest. Refers to
/// what it was made from.
class Admission {
 public:
  /// approvals: those that hold, by the digests they admit.
  Admission(const Plan& plan, const std::multimap<std::string, Approval>& approvals);

  /// Fills Lane::admitted.
  void admit(Lane& lane) const;

 private:
  const Plan& plan_;
  std::vector<std::vector<const Approval*>> by_operation_;  // empty: there are no approvals at all
};

}  // namespace usher
