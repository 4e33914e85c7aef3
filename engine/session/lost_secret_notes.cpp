#include "engine/session/lost_secret_notes.hpp"

#include <fmt/format.h>

#include "engine/apply/first_secrets.hpp"
#include "state/store/lost_secrets.hpp"

namespace usher {

void tell_lost_secrets(Plan& plan, Database& database, const Config& config) {
  for (const LostSecret& lost : LostSecrets(database.connection()).all()) {
    const auto rules = config.accounts.find(lost.platform);
    if (rules == config.accounts.end() || !is_handed_over(rules->second.first_secret)) continue;
    plan.notes.push_back(
        {lost.platform, lost.person, lost.account, NoteKind::secret_lost,
         fmt::format("its first secret is lost, renew it: usher credentials rotate {} --only {}",
                     lost.platform, lost.person)});
  }
}

}  // namespace usher
