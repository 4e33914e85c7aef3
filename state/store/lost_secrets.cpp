#include "state/store/lost_secrets.hpp"

namespace usher {

void LostSecrets::put(const LostSecret& lost) {
  connection_.statement("insert or replace into lost_secret values (?1, ?2, ?3)")
      ->run(lost.platform, lost.account, lost.person);
}

void LostSecrets::forget(std::string_view platform, std::string_view account) {
  connection_.statement("delete from lost_secret where platform = ?1 and account = ?2")
      ->run(platform, account);
}

std::vector<LostSecret> LostSecrets::all() {
  std::vector<LostSecret> found;
  const StatementLoan select = connection_.statement(
      "select platform, person, account from lost_secret order by platform, person, account");
  while (select->step())
    found.push_back(
        {std::string(select->text(0)), std::string(select->text(1)), std::string(select->text(2))});
  return found;
}

}  // namespace usher
