-- How loud a toy is to be, and slots that are to hold silence, or do.

alter table toy add column wanted_volume integer check (wanted_volume between 0 and 255);

create table silence (
    toy blob not null references toy (id) on delete cascade,
    slot integer not null check (slot between 2 and 4),
    wanted_at integer not null,
    done_at integer,
    primary key (toy, slot)
) strict, without rowid;
