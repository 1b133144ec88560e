-- What the household looks back on and lets go of: activity, rules per child, erasing, new keys.

alter table child add column max_volume integer check (max_volume between 0 and 255);

alter table child add column night_volume integer check (night_volume between 0 and 255);

alter table child add column retention_days integer default 90 check (0 < retention_days);

-- An upgrade erases nothing: for children who are here already, a guardian decides.
update child set retention_days = null;

alter table toy add column before_night integer check (before_night between 0 and 255);

alter table fetched add column part blob check (length(part) = 16);

alter table item add column kept integer not null default 0 check (kept in (0, 1));

create table quiet (
    child blob not null references child (id) on delete cascade,
    weekday integer not null check (weekday between 1 and 7),
    from_minute integer not null check (from_minute between 0 and 1439),
    until_minute integer not null check (until_minute between 0 and 1439),
    primary key (child, weekday)
) strict, without rowid;

create table invite_of_anybody (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    account blob references account (id) on delete cascade,
    lookup blob unique check (length(lookup) = 32),
    wrap blob check (substr(wrap, 1, 5) = x'8948544304'),
    made_by blob references account (id) on delete set null,
    made_at integer not null,
    ends_at integer not null,
    check (role = 'guardian' or account is not null),
    check ((lookup is null) = (wrap is null)),
    check (wrap is not null or role <> 'guardian')
) strict;

insert into invite_of_anybody (id, role, account, lookup, wrap, made_by, made_at, ends_at)
select id, role, account, lookup, wrap, made_by, made_at, ends_at from invite;

drop table invite;

alter table invite_of_anybody rename to invite;

create unique index invite_of_account on invite (account);

alter table recovery add column used_at integer;

create table rotation (
    id integer primary key check (id = 1),
    generation integer not null check (0 < generation),
    previous blob not null check (substr(previous, 1, 5) = x'8948544306'),
    begun_by blob not null check (length(begun_by) = 16),
    begun_at integer not null,
    n_items integer not null check (0 <= n_items)
) strict;

create table activity (
    id integer primary key check (0 < id),
    at integer not null,
    deed text not null check (length(deed) between 1 and 32),
    account blob check (length(account) = 16),
    subject blob check (length(subject) = 16),
    item blob check (length(item) = 16),
    child blob check (length(child) = 16),
    n integer,
    place_hash blob check (length(place_hash) = 32),
    chain blob not null check (length(chain) = 32)
) strict;

create index activity_failed on activity (subject, id) where deed = 'sign_in_failed';

create table activity_place (
    activity integer primary key references activity (id) on delete cascade,
    salt blob not null check (length(salt) = 16),
    address text not null check (length(address) <= 64),
    device text not null check (length(device) <= 64)
) strict;

create table activity_seen (
    account blob not null primary key references account (id) on delete cascade,
    up_to integer not null check (0 <= up_to)
) strict, without rowid;

create table tombstone (
    id blob not null primary key check (length(id) = 16),
    erased_at integer not null
) strict, without rowid;

create table overwrite (
    toy blob not null primary key references toy (id) on delete cascade,
    length_ms integer not null check (0 <= length_ms),
    since integer not null
) strict, without rowid;
