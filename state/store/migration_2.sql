-- What unique() chose for whom: the value stays that person's while they are declared or linked. A fact: never rebuilt.
create table claim (
  platform  integer not null references platform (id),
  attribute text not null,                 -- path
  value     text not null,                 -- JSON, normalised as the platform does
  person    text not null,
  primary key (platform, attribute, value)
) without rowid;
create unique index claim_person on claim (platform, person, attribute);
