-- Requests that may be made again: over bad Wi-Fi nobody knows whether the first one arrived.

create table request (
    arrival integer primary key,
    account blob not null references account (id) on delete cascade,
    key_mac blob not null unique check (length(key_mac) = 32),
    asked_mac blob not null check (length(asked_mac) = 32),
    items blob not null check (0 < length(items) and length(items) % 16 = 0),
    at integer not null
) strict;

create index request_of_account on request (account);
