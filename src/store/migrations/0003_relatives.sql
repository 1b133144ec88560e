-- Relatives and child screens: accounts with keys of their own, for the children granted to them.

create table account_of_any_role (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    name text unique check (length(name) between 1 and 64),
    created_at integer not null,
    blocked_at integer,
    check (role <> 'guardian' or name is not null),
    check (role <> 'child_screen' or name is null),
    check (blocked_at is null or role = 'relative')
) strict;

insert into account_of_any_role (id, role, name, created_at)
select id, role, name, created_at from account;

drop table account;

alter table account_of_any_role rename to account;

create table granted (
    account blob not null references account (id) on delete cascade,
    child blob not null references child (id) on delete cascade,
    relation text check (
        relation in (
            'mother', 'father', 'grandmother', 'grandfather', 'aunt', 'uncle', 'cousin',
            'sibling', 'godparent', 'friend', 'other'
        )
    ),
    needs_approval integer not null default 1 check (needs_approval in (0, 1)),
    daily_limit integer check (0 < daily_limit),
    primary key (account, child)
) strict, without rowid;

create index granted_of_child on granted (child);

create table invite_of_any_role (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    account blob references account (id) on delete cascade,
    lookup blob unique check (length(lookup) = 32),
    wrap blob check (substr(wrap, 1, 5) = x'8948544304'),
    made_by blob not null references account (id) on delete cascade,
    made_at integer not null,
    ends_at integer not null,
    check ((role = 'guardian') = (account is null)),
    check ((lookup is null) = (wrap is null)),
    check (wrap is not null or account is not null)
) strict;

insert into invite_of_any_role (id, role, lookup, wrap, made_by, made_at, ends_at)
select id, role, lookup, wrap, made_by, made_at, ends_at from invite;

drop table invite;

alter table invite_of_any_role rename to invite;

create unique index invite_of_account on invite (account);

create table recipient_of_any_role (
    id integer primary key,
    public_key blob not null unique check (length(public_key) = 32),
    generation integer unique check (0 < generation),
    account blob references account (id) on delete cascade,
    invite blob unique references invite (id) on delete cascade,
    created_at integer not null,
    check ((generation is null) = (account is not null)),
    check (invite is null or account is not null)
) strict;

insert into recipient_of_any_role (id, public_key, generation, created_at)
select id, public_key, generation, created_at from recipient;

drop table recipient;

alter table recipient_of_any_role rename to recipient;

create unique index recipient_of_account on recipient (account) where invite is null;

create index recipient_to_be on recipient (account) where invite is not null;

create table item_key_that_goes_with_it (
    item blob not null references item (id) on delete cascade,
    recipient integer not null references recipient (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544303'),
    primary key (item, recipient)
) strict, without rowid;

insert into item_key_that_goes_with_it (item, recipient, sealed)
select item, recipient, sealed from item_key;

drop table item_key;

alter table item_key_that_goes_with_it rename to item_key;

create index item_key_of_recipient on item_key (recipient);

create index delivery_to_approve on delivery (arrival) where state = 'awaiting_approval';
