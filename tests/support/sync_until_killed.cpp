// sync_until_killed CONFIG N [PLAN]: one sync, or one apply of a plan file, that ends by SIGKILL before its
// Nth statement; exits with 0 when there are not so many.

#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/session/session.hpp"
#include "state/model/plan_json.hpp"
#include "state/store/fault.hpp"

int main(int count, char** arguments) try {
  if (count != 3 && count != 4) return 64;
  usher::Plan plan;
  if (count == 4) {
    std::ifstream file(arguments[3]);
    plan = usher::plan_from_json(std::string(std::istreambuf_iterator<char>(file), {}));
  }
  usher::CommonOptions options;
  options.config = arguments[1];
  usher::arm_statement_fault(std::stoull(arguments[2]), usher::StatementFault::kill);
  usher::NoProgress progress;
  usher::Session session(options, progress, {});
  if (count == 4) {
    session.apply(plan);
    return 0;
  }
  session.pull({}, usher::Refresh::all);
  session.apply(session.plan());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
