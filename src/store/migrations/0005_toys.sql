-- Toys that are adopted, guarded and let go: what each was like at first, and what was seen since.

create table toy_that_can_go (
    id blob not null primary key check (length(id) = 16),
    child blob not null references child (id),
    address blob not null check (length(address) = 6),
    character text not null check (character in ('bear', 'cat', 'dog', 'rabbit', 'unicorn')),
    adopted_at integer not null,
    before_night integer check (before_night between 0 and 255),
    config text check (length(config) = 16),
    firmware text check (length(firmware) between 1 and 64),
    gatt_table blob check (length(gatt_table) = 32),
    signal_floor integer check (signal_floor between -128 and 127),
    retiring_at integer,
    let_go_at integer
) strict;

insert into toy_that_can_go (id, child, address, character, adopted_at, before_night)
select id, child, address, character, adopted_at, before_night from toy order by rowid;

drop table toy;

alter table toy_that_can_go rename to toy;

create index toy_of_child on toy (child);

create unique index toy_at_address on toy (address) where let_go_at is null;

create table guard (
    toy blob not null references toy (id) on delete cascade,
    sign text not null check (sign in ('table', 'config', 'second_address', 'name', 'game')),
    seen blob not null check (length(seen) = 32),
    since integer not null,
    trusted integer not null default 0 check (trusted in (0, 1)),
    primary key (toy, sign)
) strict, without rowid;
