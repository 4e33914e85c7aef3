#include "rules/init.hpp"

namespace usher {

std::string commented_configuration() {
  return R"yaml(# What usher reads, what it writes, and who decides. Try it with: usher validate, then usher plan.
# Expressions are CEL (https://cel.dev). A text in one has quotes of its own: record.status == "active".
version: 1
state: usher.db                    # what usher remembers: one SQLite file

# Where: every system, by a name of your choice.
platforms:
  hr:
    connector: csv                 # csv, json, ndjson or the name of a recipe
    path: people.csv               # from the folder of this file
    # delimiter: ";"               # for what spreadsheets write
    # bad-rows: quarantine         # set unreadable rows aside instead of stopping
  iot:
    connector: mainflux
    url: http://127.0.0.1:9002
    identity: ${env:MAINFLUX_IDENTITY}
    secret: ${env:MAINFLUX_SECRET}   # or ${file:…}, ${cmd:pass show …}, ${cred:…} (systemd)

# Who should exist: one person for each record of the source.
people:
  from: hr
  key: record.employee_id          # never changes, never comes back for somebody else
  attributes:
    mail: record.email.lowerAscii()
    name: record.first + " " + record.last
    department: record.department
  active: record.status == "active"

# What each person has on each platform that is written to.
accounts:
  iot:
    who: person.department in ["engineering", "operations"]
    # How to find the account of a person who has one already; the first rule that finds it counts.
    match:
      - {account: credentials.identity, person: person.mail, fold: case}
    # Attributes that are not named here are left as they are.
    set:
      credentials.identity: person.mail
      name: person.name
      metadata: {value: {source: hr}}  # a constant
    # Without this key memberships are left alone; an empty list means nobody is in any group.
    # groups:
    #   - {group: engineers, when: person.department == "engineering", actions: [m_read]}
    leavers: {disable: now, delete: never}
    # What is over a limit waits until you say yes.
    guards:
      disable: 5%
      removals: {percent: 10, at-least: 20}
)yaml";
}

}  // namespace usher
