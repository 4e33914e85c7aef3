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
