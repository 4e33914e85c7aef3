alter table plan rename to plan_3;

create table plan (
  id         integer primary key,
  digest     text not null unique,
  created_at text not null
);

-- Its JSON, cut at any byte: a plan can be larger than a row may be.
create table plan_part (
  plan    integer not null references plan (id) on delete cascade,
  number  integer not null,
  content text not null,
  primary key (plan, number)
);

insert into plan (digest, created_at) select digest, created_at from plan_3 order by rowid;
insert into plan_part select plan.id, 0, json from plan_3 join plan using (digest);
drop table plan_3;
