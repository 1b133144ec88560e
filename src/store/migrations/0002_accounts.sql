-- Accounts: who may sign in, with what, and what opens then. Names become items of more kinds.

create table household (
    id integer primary key check (id = 1),
    set_up_at integer not null,
    time_zone text check (length(time_zone) between 1 and 64),
    latest_at integer not null
) strict;

create table account (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    name text unique check (length(name) between 1 and 64),
    created_at integer not null,
    check ((role = 'child_screen') = (name is null))
) strict;

create table password (
    account blob not null primary key references account (id) on delete cascade,
    salt blob not null check (length(salt) = 16),
    memory_kib integer not null check (0 < memory_kib),
    passes integer not null check (0 < passes),
    wrap blob not null check (substr(wrap, 1, 5) = x'8948544304'),
    changed_at integer not null,
    totp_step integer
) strict;

create table session (
    id blob not null primary key check (length(id) = 16),
    account blob not null references account (id) on delete cascade,
    lookup blob not null unique check (length(lookup) = 32),
    wrap blob not null check (substr(wrap, 1, 5) = x'8948544304'),
    created_at integer not null,
    last_used_at integer not null,
    ends_at integer not null,
    address text not null check (length(address) <= 64),
    device text not null check (length(device) <= 64),
    confirmed_until integer
) strict;

create index session_of_account on session (account, last_used_at);

create table browser (
    lookup blob not null check (length(lookup) = 32),
    account blob not null references account (id) on delete cascade,
    added_at integer not null,
    last_used_at integer not null,
    primary key (lookup, account)
) strict, without rowid;

create index browser_of_account on browser (account, last_used_at);

create table invite (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian')),
    lookup blob not null unique check (length(lookup) = 32),
    wrap blob not null check (substr(wrap, 1, 5) = x'8948544304'),
    made_by blob not null references account (id) on delete cascade,
    made_at integer not null,
    ends_at integer not null
) strict;

create table recovery (
    id integer primary key check (id = 1),
    public_key blob not null check (length(public_key) = 32),
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544305'),
    made_at integer not null,
    part integer check (0 < part),
    part_mac blob check (length(part_mac) = 32),
    check ((part is null) = (part_mac is null))
) strict;

create table throttle (
    lane blob not null primary key check (length(lane) = 32),
    failures integer not null check (0 <= failures),
    last_failed_at integer not null,
    blocked_until integer not null
) strict, without rowid;

create index throttle_by_age on throttle (last_failed_at);

create table item_with_accounts (
    arrival integer primary key,
    id blob not null unique check (length(id) = 16),
    kind text not null
        check (
            kind in (
                'recording', 'message', 'child_profile', 'toy_profile', 'account_profile',
                'household_profile'
            )
        ),
    child blob references child (id),
    sender blob check (length(sender) = 16),
    toy blob references toy (id),
    account blob references account (id) on delete cascade,
    recorded_at integer not null,
    length_ms integer check (0 <= length_ms),
    while_away integer not null default 0 check (while_away in (0, 1)),
    waveform blob check (substr(waveform, 1, 5) = x'8948544301'),
    text blob check (substr(text, 1, 5) = x'8948544301'),
    check (
        kind not in ('recording', 'message')
        or (child is not null and length_ms is not null and waveform is not null)
    ),
    check (kind <> 'child_profile' or (child is not null and text is not null)),
    check (kind <> 'toy_profile' or (toy is not null and text is not null)),
    check ((kind = 'account_profile') = (account is not null)),
    check (kind not in ('account_profile', 'household_profile') or text is not null)
) strict;

insert into item_with_accounts (
    arrival, id, kind, child, sender, toy, recorded_at, length_ms, while_away, waveform, text
)
select arrival, id, kind, child, sender, toy, recorded_at, length_ms, while_away, waveform, text
from item;

drop table item;

alter table item_with_accounts rename to item;

create index item_of_child on item (child, recorded_at);

create unique index profile_of_child on item (child) where kind = 'child_profile';

create unique index profile_of_toy on item (toy) where kind = 'toy_profile';

create unique index profile_of_account on item (account) where kind = 'account_profile';

create unique index profile_of_household on item (kind) where kind = 'household_profile';
