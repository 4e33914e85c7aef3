-- The past of one account, person or entitlement is looked up, not searched for.
create index body_past on body (platform, key) where died is not null;
create index journal_person on journal (person, run);
create index journal_account on journal (platform, account, run);
create index journal_membership on journal (platform, json_extract(detail, '$.membership.entitlement'), run)
  where kind in ('add-membership', 'change-membership', 'remove-membership');
create index journal_gives on journal (platform, run)
  where kind = 'create' and json_extract(detail, '$.gives') is not null;

alter table entitlement add column members integer not null default 0;

create view entitlements as
  select platform.name as platform, kind, entitlement.id as id, entitlement.name as name, scope
  from entitlement join platform on platform.id = entitlement.platform;

-- Who is in what, by name; of a platform without memberships nothing.
create view memberships as
  select accounts.platform as platform, accounts.id as account, accounts.person as person, kind.key as kind,
         edge.key as entitlement, coalesce(entitlements.name, edge.key) as name, edge.value as details
  from accounts join json_each(accounts.memberships) as kind join json_each(kind.value) as edge
  left join entitlements on entitlements.platform = accounts.platform and entitlements.kind = kind.key
    and entitlements.id = edge.key;

drop view operations;
create view operations as
  select run.command as command, journal.*,
         coalesce(entitlement.name, json_extract(journal.detail, '$.membership.entitlement')) as entitlement
  from journal join run on run.id = journal.run
  left join platform on platform.name = journal.platform
  left join entitlement on entitlement.platform = platform.id
    and entitlement.kind = json_extract(journal.detail, '$.membership.kind')
    and entitlement.id = json_extract(journal.detail, '$.membership.entitlement');

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

-- Writes are counted, so that no clock says whether a snapshot is younger than usher's own last write. Whatever was written
-- to before is pulled once more.
alter table platform add column writes integer not null default 0;
alter table platform add column writes_read integer not null default 0;
alter table platform add column shown blob;
update platform set writes = 1 where written_at is not null;

alter table run add column actor text not null default '';
alter table run add column host text not null default '';
alter table run add column arguments text not null default '[]';
alter table run add column reason text not null default '';
alter table run add column configuration text not null default '';
alter table run add column program text not null default '';
alter table run add column chain text not null default '';

alter table journal add column written integer not null default 0;
alter table journal add column ended_in integer not null default 0;
-- What a run ended of an earlier one.
create index journal_settled on journal (ended_in) where ended_in > run;
update journal set ended_in = run where state not in ('planned', 'sent', 'unknown');

alter table plan_part rename to plan_part_4;
create table plan_part (
  plan    integer not null references plan (id) on delete cascade,
  number  integer not null,
  content blob not null,
  primary key (plan, number)
);
insert into plan_part select plan, number, content from plan_part_4;
drop table plan_part_4;
-- What a person became whose record names somebody else by now.
alter table person add column became text not null default '';
alter table person add column turns_at text not null default '';
create index person_turn on person (turns_at) where turns_at != '';
delete from meta where name = 'fact desired';
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
-- Links whose accounts are no more. What comes back under such an id is matched anew. Facts.
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

create index journal_owed on journal (run, seq) where state = 'owed';

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

-- Accounts that nobody declares, where the rules say what becomes of them: since when plans see each so. A fact.
create table orphan (
  platform integer not null references platform (id),
  account  text not null,
  since    text not null,                  -- by the clock
  waited   integer not null,               -- seconds on the platform's count of waiting then
  primary key (platform, account)
) without rowid;
