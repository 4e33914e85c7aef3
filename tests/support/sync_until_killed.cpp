// sync_until_killed CONFIG N: one sync that ends by SIGKILL before its Nth statement; exits with 0 when there
// are not so many.

#include <cstdio>
#include <exception>
#include <string>

#include "engine/session/session.hpp"
#include "state/store/fault.hpp"

int main(int count, char** arguments) try {
  if (count != 3) return 64;
  usher::CommonOptions options;
  options.config = arguments[1];
  usher::arm_statement_fault(std::stoull(arguments[2]), usher::StatementFault::kill);
  usher::NoProgress progress;
  usher::Session session(options, progress, {});
  session.pull({}, usher::Refresh::all);
  session.apply(session.plan());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
