-- Usher's state, version 6. Times are RFC 3339 text in UTC. Keys and digests are 16-byte XXH3-128 fingerprints under
-- the secret in meta, so they mean nothing outside this file. People read the views at the end.

create table meta (
  name  text primary key,
  value blob not null
) without rowid;

create table platform (
  id         integer primary key,          -- its rows in body lie from id << 32
  name       text not null unique,
  generation integer not null default 0,   -- of the last published snapshot, 0: never pulled
  accounts   integer not null default 0,   -- alive
  last_row   integer not null,             -- in body; rows after it belong to a pull that has not published
  self       text not null default '',     -- the engine's own account there
  source     text not null default '',     -- mark of the data as it was read; unchanged: no need to pull
  written_at text,                         -- last time an operation was sent
  writes integer not null default 0,       -- operations sent so far; never goes back
  writes_read integer not null default 0,  -- writes when the last sealed pull began; fewer than writes: pull again
  shown blob                               -- of an unsealed last pull: a bit for each row before it, set: shown again
);

-- One pull that published something. Partial pulls (sealed = 0) refresh what they saw and remove nothing.
create table snapshot (
  platform   integer not null references platform (id),
  generation integer not null,
  sealed     integer not null,
  why_not    text not null,
  started_at text not null,
  ended_at   text not null,
  accounts   integer not null,             -- alive after it
  added      integer not null,
  changed    integer not null,
  removed    integer not null,
  last_row   integer not null,             -- in body, of this generation or an earlier one
  primary key (platform, generation)
) without rowid;

-- Every version of every account in the order of arrival. Alive: died is null, and row up to the platform's last_row.
-- Nothing of a version is ever rewritten but died. What scans look at comes first.
create table body (
  row         integer primary key,
  platform    integer not null,
  died        integer,                     -- generation that replaced or removed it
  born        integer not null,            -- generation that brought it
  key         blob not null,               -- of the id
  digest      blob not null,               -- of all that follows
  active      integer not null,
  summary     integer not null,            -- 1: the listing shows only a part of the account
  id          text not null,
  attributes  text not null,               -- canonical JSON
  memberships text not null                -- canonical JSON
);
create index body_dead on body (platform, died) where died is not null;
create index body_past on body (platform, key) where died is not null;

-- What the diff merges, in key order: key, digest and row of the living accounts, and what each person should have
-- where (key, digest and state of what is wanted, digest of the account that was found to be so). Derived: the first from
-- body, the second from the people and the rules. Some thirty entries to a row, see state/store/packed.hpp; a row of its
-- own for each takes ten times as long to read and to write.
create table packed (
  id      integer primary key,             -- space and side << 32, then the leading bits of the keys in it
  entries blob not null
);
create table packing (
  space   integer primary key,             -- platform * 2, + 1 for what is wanted
  side    integer not null,
  bits    integer not null,                -- of the keys that number the rows
  entries integer not null
);

create table entitlement (
  platform integer not null references platform (id),
  kind     text not null,
  id       text not null,
  name     text not null,
  scope    text not null,
  members  integer not null default 0,     -- accounts that have it, where they are listed apart from the accounts
  primary key (platform, kind, id)
) without rowid;

-- What an entitlement was called before it was renamed or gone, until the pull that found it so. For answers about the past.
create table former_entitlement (
  platform integer not null references platform (id),
  kind     text not null,
  id       text not null,
  name     text not null,
  scope    text not null,
  until    text not null,                  -- when that pull ended
  primary key (platform, kind, id, name, scope)
) without rowid;

-- The declared people, derived from the sources' snapshots and the rules.
create table person (
  key    blob primary key,
  id     text not null,
  record blob not null,                    -- key of the record in its source
  active integer not null,
  error  text not null,                    -- why no account can be derived for this person
  became text not null default '',         -- the key that the record of this person names by now; empty: still this one
  turns_at text not null default ''        -- when time alone may change what follows; empty: never
) without rowid;
create index person_turn on person (turns_at) where turns_at != '';

-- The remembered pair person and account, and what was last written. A fact: never rebuilt.
create table link (
  platform integer not null references platform (id),
  person   text not null,
  account  text not null,
  key      blob not null,                  -- of the account
  applied  blob,                           -- digest of what was wanted when it was last written or found so
  how      text not null,
  since    text not null,
  primary key (platform, person)
) without rowid;
create unique index link_key on link (platform, key);

-- Links that ended, most of them with their accounts: what comes back under such an id is matched anew. Facts.
create table ended_link (
  platform integer not null references platform (id),
  person   text not null,
  account  text not null,
  key      blob not null,                  -- of the account
  how      text not null,
  since    text not null,
  ended_at text not null,
  why      text not null
);
create index ended_link_person on ended_link (platform, person);
create index ended_link_key on ended_link (platform, key, ended_at);

-- What unique() chose for whom: the value stays that person's while they are declared or linked. A fact: never rebuilt.
create table claim (
  platform  integer not null references platform (id),
  attribute text not null,                 -- path
  value     text not null,                 -- JSON, normalised as the platform does
  person    text not null,
  primary key (platform, attribute, value)
) without rowid;
create unique index claim_person on claim (platform, person, attribute);

-- Since when somebody is gone from a platform's scope: the `now` of the first plan that saw it. A fact.
create table gone (
  platform integer not null references platform (id),
  person   text not null,
  since    text not null,
  primary key (platform, person)
) without rowid;

-- Accounts that were locked where a platform cannot disable: most cannot show it either. A fact.
create table locked (
  platform integer not null references platform (id),
  account  text not null,
  since    text not null,
  primary key (platform, account)
) without rowid;

-- Accounts that nobody declares, where the rules say what becomes of them: since when plans see each so. A fact.
create table orphan (
  platform integer not null references platform (id),
  account  text not null,
  since    text not null,                  -- by the clock
  waited   integer not null,               -- seconds on the platform's count of waiting then
  primary key (platform, account)
) without rowid;

create table run (
  id         integer primary key,
  command    text not null,
  started_at text not null,
  ended_at   text,
  exit_code  integer,
  plan       text not null default '',     -- digest
  summary    text not null default '{}',   -- JSON
  actor text not null default '',          -- who started it
  host text not null default '',
  arguments text not null default '[]',    -- JSON
  reason text not null default '',         -- as it was given
  configuration text not null default '',  -- digest
  program text not null default '',
  chain text not null default ''           -- digest of what the run did and of the chain of the run before
);

create table plan (
  id         integer primary key,
  digest     text not null unique,
  created_at text not null
);

-- Its JSON, cut at any byte: a plan can be larger than a row may be. Each part is a frame of zstd; text is as it is.
create table plan_part (
  plan    integer not null references plan (id) on delete cascade,
  number  integer not null,
  content blob not null,
  primary key (plan, number)
);

-- One line an operation of a run: planned, sent, then done, failed, unknown, owed or skipped.
create table journal (
  run       integer not null references run (id),
  seq       integer not null,              -- order in the plan
  operation text not null,                 -- the operation's id
  platform  text not null,
  kind      text not null,
  person    text not null,
  account   text not null,
  label     text not null,
  detail    text not null,                 -- the operation as JSON, without secrets
  state     text not null,
  sent_at   text,
  ended_at  text,
  message   text not null default '',
  written integer not null default 0,      -- the platform's count of writes when it was sent
  ended_in integer not null default 0,     -- the run that ended it: a later one, where the outcome was settled
  primary key (run, seq)
) without rowid;
create index journal_open on journal (state) where state in ('planned', 'sent', 'unknown');
create index journal_owed on journal (run, seq) where state = 'owed';
-- What a run ended of an earlier one.
create index journal_settled on journal (ended_in) where ended_in > run;
create index journal_person on journal (person, run);
create index journal_account on journal (platform, account, run);
create index journal_membership on journal (platform, json_extract(detail, '$.membership.entitlement'), run)
  where kind in ('add-membership', 'change-membership', 'remove-membership');

-- Creates that came with memberships.
create index journal_gives on journal (platform, run)
  where kind = 'create' and json_extract(detail, '$.gives') is not null;

-- What must not be done again after an undo, although the rules want it. Ended, never erased.
create table hold (
  id       integer primary key,
  part     text not null,                  -- what is not done: digest of one value, membership or step
  since    text not null,
  until    text not null,
  run      integer not null,               -- that made it
  reason   text not null,
  ended_at text                            -- null: it holds
);
create index hold_now on hold (until) where ended_at is null;

-- What is left undone and a person accepted for a time (`usher accept`). Revoked, not erased.
create table acceptance (
  id         integer primary key,
  note       text not null,                -- id of the note: kind, platform, person or group, cause
  kind       text not null,
  platform   text not null,
  subject    text not null,                -- the person, account or group; empty: the platform
  cause      text not null,
  given_at   text not null,
  until      text not null,                -- a day, or a time
  actor      text not null,                -- user@host
  reason     text not null,
  revoked_at text                          -- null: never
);
create index acceptance_of_note on acceptance (note) where revoked_at is null;

-- What guards hold and a person admits for a time (`usher approve`). Revoked, not erased.
create table approval (
  id         integer primary key,
  lanes      text not null,                -- "iot.removals iot.disable"
  plan       text not null,                -- digest of the plan that held it
  given_at   text not null,
  until      text not null,
  actor      text not null,                -- user@host
  reason     text not null,
  revoked_at text                          -- null: never
);
create table approved_operation (
  approval  integer not null references approval (id),
  operation text not null,                 -- digest of what it does, approval_digest() in state/model/operation.hpp
  does      text not null,                 -- for people
  done_at   text,                          -- when it was done under the approval; null: not yet
  primary key (approval, operation)
) without rowid;
create table approval_signature (
  id        integer primary key,
  approval  integer not null references approval (id),
  principal text not null,                 -- whose the signature was when it was given
  signature text not null,                 -- as ssh-keygen writes it; it is verified anew each time it counts
  given_at  text not null,
  actor     text not null                  -- user@host who brought it
);

-- Who was offboarded and is kept out although a source still has them. Ended, not erased.
create table offboarded (
  id       integer primary key,
  person   text not null,
  since    text not null,
  until    text,                           -- null: until the sources say that the person has left
  run      integer not null,               -- that offboarded them
  actor    text not null,                  -- user@host
  reason   text not null,
  left_at  text,                           -- since when the sources say so; null: they do not
  ended_at text                            -- null: it holds
);
create index offboarded_now on offboarded (person) where ended_at is null;

-- What a platform refused for its content: not sent again until something of it changes or a day passes.
create table refusal (
  operation  text primary key,             -- the operation's id
  platform   text not null,
  digest     blob,                         -- of the account as it was then; null: a create
  generation integer not null,             -- of the platform's snapshot then
  at         text not null,
  message    text not null
) without rowid;

-- Accounts whose first secret the platform made, and which nobody got: the reply that held it was lost.
create table lost_secret (
  platform text not null,
  account  text not null,
  person   text not null,
  primary key (platform, account)
) without rowid;

-- What was to be taken from leavers and was refused, where no pull shows that they still have it.
create table owed_taking (
  operation text primary key,              -- the operation's id
  detail    text not null                  -- the operation as JSON
) without rowid;

create view accounts as
  select platform.name as platform, body.id as id, link.person as person, body.active as active,
         body.attributes as attributes, body.memberships as memberships, snapshot.ended_at as since
  from platform join body on body.row between platform.id << 32 and platform.last_row and body.died is null
  left join snapshot on snapshot.platform = body.platform and snapshot.generation = body.born
  left join link on link.platform = body.platform and link.key = body.key;

create view people as select id, active, error from person;

create view links as
  select platform.name as platform, person, account, how, since from link join platform on platform.id = link.platform;

-- Versions of accounts that are no more, with the pulls that first and last saw them.
create view history as
  select platform.name as platform, body.id as id, body.active as active, body.attributes as attributes,
         body.memberships as memberships, came.ended_at as since, went.ended_at as until
  from body join platform on platform.id = body.platform
  left join snapshot as came on came.platform = body.platform and came.generation = body.born
  left join snapshot as went on went.platform = body.platform and went.generation = body.died
  where body.died is not null;

create view pulls as
  select platform.name as platform, snapshot.generation as generation, sealed, why_not, started_at, ended_at,
         snapshot.accounts as accounts, added, changed, removed
  from snapshot join platform on platform.id = snapshot.platform;

create view entitlements as
  select platform.name as platform, kind, entitlement.id as id, entitlement.name as name, scope
  from entitlement join platform on platform.id = entitlement.platform;

-- Who is in what, by name; of a platform without memberships nothing. What is gone has the last name it had.
create view memberships as
  select accounts.platform as platform, accounts.id as account, accounts.person as person, kind.key as kind,
         edge.key as entitlement,
         coalesce(nullif(entitlements.name, ''),
                  (select former.name from former_entitlement as former join platform on platform.id = former.platform
                   where platform.name = accounts.platform and former.kind = kind.key and former.id = edge.key
                   order by until desc limit 1),
                  edge.key) as name,
         edge.value as details
  from accounts join json_each(accounts.memberships) as kind join json_each(kind.value) as edge
  left join entitlements on entitlements.platform = accounts.platform and entitlements.kind = kind.key
    and entitlements.id = edge.key;

create view operations as
  select run.command as command, journal.*,
         coalesce(nullif(entitlement.name, ''),
                  (select former.name from former_entitlement as former
                   where former.platform = platform.id
                     and former.kind = json_extract(journal.detail, '$.membership.kind')
                     and former.id = json_extract(journal.detail, '$.membership.entitlement')
                   order by until desc limit 1),
                  json_extract(journal.detail, '$.membership.entitlement')) as entitlement
  from journal join run on run.id = journal.run
  left join platform on platform.name = journal.platform
  left join entitlement on entitlement.platform = platform.id
    and entitlement.kind = json_extract(journal.detail, '$.membership.kind')
    and entitlement.id = json_extract(journal.detail, '$.membership.entitlement');
