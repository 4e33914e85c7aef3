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

drop view memberships;
drop view operations;
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
