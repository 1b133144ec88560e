-- Messages that are to set out later, and what a child's screens open them by then.

alter table delivery add column due_at integer;

create table key_for_later (
    delivery blob not null references delivery (id) on delete cascade,
    recipient integer not null references recipient (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544303'),
    primary key (delivery, recipient)
) strict, without rowid;

create index key_for_later_of_recipient on key_for_later (recipient);
