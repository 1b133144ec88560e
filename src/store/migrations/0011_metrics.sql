-- The token of a program that counts what the hub does. There is one at most, and none until a guardian
-- makes it.
create table meter (
    id integer primary key check (id = 1),
    lookup blob not null check (length(lookup) = 32),
    made_at integer not null,
    used_at integer
) strict;
