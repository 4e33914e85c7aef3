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
