-- Written notes, for those who cannot hear.

create table note (
    item blob not null primary key references item (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;
