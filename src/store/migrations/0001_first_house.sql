-- The first house. What the words mean stands in ../schema.sql.

create table recipient (
    id integer primary key,
    public_key blob not null unique check (length(public_key) = 32),
    generation integer unique check (0 < generation),
    created_at integer not null
) strict;

create table child (
    id blob not null primary key check (length(id) = 16),
    animal text not null check (animal in ('bear', 'cat', 'dog', 'rabbit', 'unicorn')),
    color text not null check (length(color) between 1 and 16),
    created_at integer not null
) strict;

create table toy (
    id blob not null primary key check (length(id) = 16),
    child blob not null references child (id),
    address blob not null unique check (length(address) = 6),
    character text not null check (character in ('bear', 'cat', 'dog', 'rabbit', 'unicorn')),
    adopted_at integer not null
) strict;

create index toy_of_child on toy (child);

create table item (
    arrival integer primary key,
    id blob not null unique check (length(id) = 16),
    kind text not null
        check (kind in ('recording', 'message', 'child_profile', 'toy_profile')),
    child blob references child (id),
    sender blob check (length(sender) = 16),
    toy blob references toy (id),
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
    check (kind <> 'toy_profile' or (toy is not null and text is not null))
) strict;

create index item_of_child on item (child, recorded_at);

create unique index profile_of_child on item (child) where kind = 'child_profile';

create unique index profile_of_toy on item (toy) where kind = 'toy_profile';

create table audio (
    item blob not null primary key references item (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;

create table item_key (
    item blob not null references item (id) on delete cascade,
    recipient integer not null references recipient (id),
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544303'),
    primary key (item, recipient)
) strict, without rowid;

create index item_key_of_recipient on item_key (recipient);

create table delivery (
    arrival integer primary key,
    id blob not null unique check (length(id) = 16),
    item blob not null references item (id) on delete cascade,
    toy blob not null references toy (id),
    state text not null check (
        state in (
            'awaiting_approval', 'queued', 'on_toy', 'heard', 'declined', 'failed',
            'expired', 'withdrawing', 'withdrawn'
        )
    ),
    reason text check (
        reason in (
            'unreachable', 'link_lost', 'silent', 'gave_up', 'key_refused', 'confused',
            'damaged'
        )
    ),
    tries integer not null default 0 check (0 <= tries),
    next_try_at integer,
    queued_at integer not null,
    heard_at integer,
    expires_at integer not null,
    perhaps_heard integer not null default 0 check (perhaps_heard in (0, 1)),
    begun integer not null default 0 check (begun in (0, 1)),
    check ((state = 'failed') = (reason is not null)),
    check ((state = 'failed') = (next_try_at is not null)),
    check ((state = 'heard') = (heard_at is not null))
) strict;

create unique index delivery_in_mailbox on delivery (toy)
    where state in ('on_toy', 'withdrawing');

create index delivery_open on delivery (toy)
    where state in ('awaiting_approval', 'queued', 'on_toy', 'failed', 'withdrawing');

create index delivery_begun on delivery (toy) where begun = 1;

create index delivery_of_item on delivery (item);

create table outbox (
    delivery blob not null primary key references delivery (id) on delete cascade,
    clip blob not null check (substr(clip, 1, 5) = x'8948544302')
) strict;

create table fetched (
    toy blob not null references toy (id) on delete cascade,
    mac blob not null check (length(mac) = 32),
    fetched_at integer not null,
    primary key (toy, mac)
) strict, without rowid;
