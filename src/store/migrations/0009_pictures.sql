-- What children look like.

create table picture (
    item blob not null primary key references item (id) on delete cascade,
    id blob not null unique check (length(id) = 16),
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;
