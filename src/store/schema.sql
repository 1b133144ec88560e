-- What Hutch stores, and what every word of it means.
--
-- This file is the document; `migrations/` is what runs. A test keeps the two equal.
-- Identifiers are 16 random bytes. Times are Unix seconds, UTC. Blobs that begin with
-- x'8948544301' are sealed for people, x'8948544302' under the device key, and
-- x'8948544303' are content keys sealed for a recipient; x'8948544304' are private keys wrapped
-- under a password or cookie, x'8948544305' is the household's key sealed for the recovery key,
-- x'8948544306' the household's key before, sealed for the one in use:
-- the checks refuse anything else, so plain sound, names or keys cannot get in whatever the code
-- above does.
-- Everything that is not sealed can be read by whoever holds the card.

-- A public key that content keys are sealed for.
create table recipient (
    -- Counts recipients; nothing outside the database knows it.
    id integer primary key,
    -- X25519. The private half is never in this table.
    public_key blob not null unique check (length(public_key) = 32),
    -- Which of the household's key pairs, from 1; the highest is the one in use.
    -- Null for a recipient that is not the household.
    generation integer unique check (0 < generation),
    -- The relative or child screen whose key it is; null for the household.
    account blob references account (id) on delete cascade,
    -- The invitation whose key it is until the account has one of its own.
    invite blob unique references invite (id) on delete cascade,
    created_at integer not null,
    check ((generation is null) = (account is not null)),
    check (invite is null or account is not null)
) strict;

create unique index recipient_of_account on recipient (account) where invite is null;

create index recipient_to_be on recipient (account) where invite is not null;

-- The household itself, from the moment that it is set up: one row.
create table household (
    id integer primary key check (id = 1),
    set_up_at integer not null,
    -- Where it lives, as the IANA names it; nights are quiet by this. Null until somebody says.
    time_zone text check (length(time_zone) between 1 and 64),
    -- The latest time that was ever written here: a clock that shows an earlier one is wrong.
    latest_at integer not null
) strict;

-- Somebody who may sign in. What people see of the name is an item of kind 'account_profile'.
create table account (
    id blob not null primary key check (length(id) = 16),
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    -- The name to sign in with, small letters. Readable by whoever holds the card. A child
    -- screen has none, nor has a relative who has not accepted yet.
    name text unique check (length(name) between 1 and 64),
    created_at integer not null,
    -- Since when a relative may not sign in.
    blocked_at integer,
    check (role <> 'guardian' or name is not null),
    check (role <> 'child_screen' or name is null),
    check (blocked_at is null or role = 'relative')
) strict;

-- A child that a relative may write to and hear from, or that a child screen is for.
create table granted (
    account blob not null references account (id) on delete cascade,
    child blob not null references child (id) on delete cascade,
    -- What a relative is to the child; null for a child screen.
    relation text check (
        relation in (
            'mother', 'father', 'grandmother', 'grandfather', 'aunt', 'uncle', 'cousin',
            'sibling', 'godparent', 'friend', 'other'
        )
    ),
    -- 1 while a guardian listens to each message before the child does.
    needs_approval integer not null default 1 check (needs_approval in (0, 1)),
    -- How many messages a day; null for as many as they like.
    daily_limit integer check (0 < daily_limit),
    primary key (account, child)
) strict, without rowid;

create index granted_of_child on granted (child);

-- The password of an account: nothing of it, only what it opens.
create table password (
    account blob not null primary key references account (id) on delete cascade,
    -- Argon2id, version 1.3, one lane.
    salt blob not null check (length(salt) = 16),
    memory_kib integer not null check (0 < memory_kib),
    passes integer not null check (0 < passes),
    -- The household's key, or a relative's own, and what two-step sign-in needs, under what
    -- Argon2id gives.
    wrap blob not null check (substr(wrap, 1, 5) = x'8948544304'),
    changed_at integer not null,
    -- The last 30-second step whose code was used, so that none is used twice.
    totp_step integer
) strict;

-- A browser that is signed in. The cookie is not here, nor anything that it follows from.
create table session (
    id blob not null primary key check (length(id) = 16),
    account blob not null references account (id) on delete cascade,
    -- HKDF of the cookie under one label. Under another it gives the key of the wrap.
    lookup blob not null unique check (length(lookup) = 32),
    -- The household's key, or that of the relative or child screen, and whether the password
    -- should be changed.
    wrap blob not null check (substr(wrap, 1, 5) = x'8948544304'),
    created_at integer not null,
    last_used_at integer not null,
    -- When it ends whatever is done with it.
    ends_at integer not null,
    -- Where it was used last, and with what: "192.168.1.7", "Firefox on Android".
    address text not null check (length(address) <= 64),
    device text not null check (length(device) <= 64),
    -- Until when the password counts as given just now.
    confirmed_until integer
) strict;

create index session_of_account on session (account, last_used_at);

-- A browser in which somebody signed in before: its failures count by themselves, so that a
-- stranger who fails does not keep it out.
create table browser (
    -- HKDF of its cookie.
    lookup blob not null check (length(lookup) = 32),
    account blob not null references account (id) on delete cascade,
    added_at integer not null,
    last_used_at integer not null,
    primary key (lookup, account)
) strict, without rowid;

create index browser_of_account on browser (account, last_used_at);

-- An open invitation: a link that is good once, and not for long. Its secret is not here.
create table invite (
    id blob not null primary key check (length(id) = 16),
    -- What whoever accepts becomes.
    role text not null check (role in ('guardian', 'relative', 'child_screen')),
    -- The account that waits for them; that of a new guardian is made when they accept.
    account blob references account (id) on delete cascade,
    -- HKDF of the secret under one label. Under another it gives the key of the wrap.
    lookup blob unique check (length(lookup) = 32),
    -- The household's key for a guardian; for others the invitation's own, which opens what is
    -- shared with them meanwhile. Null once it has ended: what was shared stays until there is
    -- another invitation.
    wrap blob check (substr(wrap, 1, 5) = x'8948544304'),
    -- Null once that guardian is gone.
    made_by blob references account (id) on delete set null,
    made_at integer not null,
    ends_at integer not null,
    check (role = 'guardian' or account is not null),
    check ((lookup is null) = (wrap is null)),
    check (wrap is not null or role <> 'guardian')
) strict;

create unique index invite_of_account on invite (account);

-- What the recovery key opens: one row.
create table recovery (
    id integer primary key check (id = 1),
    public_key blob not null check (length(public_key) = 32),
    -- The household's key, sealed for it.
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544305'),
    made_at integer not null,
    -- Until somebody has shown that the key was written down: where the part begins that is asked
    -- for, counted from 1, and its HMAC-SHA256 under the hash key.
    part integer check (0 < part),
    part_mac blob check (length(part_mac) = 32),
    -- When the key before was used to come back, unless the household's keys were changed since.
    used_at integer,
    check ((part is null) = (part_mac is null))
) strict;

-- A change of the household's keys that is under way: one row.
create table rotation (
    id integer primary key check (id = 1),
    -- Which of the household's key pairs is given up.
    generation integer not null check (0 < generation),
    -- Its private half, sealed for the pair in use: for as long as there are items that only it
    -- opens.
    previous blob not null check (substr(previous, 1, 5) = x'8948544306'),
    -- The guardian that began it.
    begun_by blob not null check (length(begun_by) = 16),
    begun_at integer not null,
    -- How many items were to be sealed anew at the beginning.
    n_items integer not null check (0 <= n_items)
) strict;

-- Failures to sign in, by whoever failed.
create table throttle (
    -- HMAC-SHA256 under the hash key of a name, an address, a browser.
    lane blob not null primary key check (length(lane) = 32),
    failures integer not null check (0 <= failures),
    last_failed_at integer not null,
    blocked_until integer not null
) strict, without rowid;

create index throttle_by_age on throttle (last_failed_at);

-- A child. What it is called is an item of kind 'child_profile'.
create table child (
    id blob not null primary key check (length(id) = 16),
    -- Stands for the child where no name may.
    animal text not null check (animal in ('bear', 'cat', 'dog', 'rabbit', 'unicorn')),
    -- A word of the page's palette.
    color text not null check (length(color) between 1 and 16),
    created_at integer not null,
    -- How loud its toys may be, 0 to 255; null for as loud as they go.
    max_volume integer check (max_volume between 0 and 255),
    -- The same while quiet hours last.
    night_volume integer check (night_volume between 0 and 255),
    -- After how many days recordings and messages are erased by themselves; null for never.
    retention_days integer default 90 check (0 < retention_days)
) strict;

-- When a child is to have its quiet: by the clock of where the household lives.
create table quiet (
    child blob not null references child (id) on delete cascade,
    -- The day on which it begins: 1 for Monday.
    weekday integer not null check (weekday between 1 and 7),
    -- Minutes after midnight. It ends on the next day unless the end is later than the beginning.
    from_minute integer not null check (from_minute between 0 and 1439),
    until_minute integer not null check (until_minute between 0 and 1439),
    primary key (child, weekday)
) strict, without rowid;

-- A toy that is adopted, or was. What it is called is an item of kind 'toy_profile', which goes when
-- the toy is let go.
create table toy (
    id blob not null primary key check (length(id) = 16),
    child blob not null references child (id),
    -- Bluetooth address, most significant byte first.
    address blob not null check (length(address) = 6),
    -- The animal that the toy is.
    character text not null check (character in ('bear', 'cat', 'dog', 'rabbit', 'unicorn')),
    adopted_at integer not null,
    -- How loud it was before quiet hours made it quieter, 0 to 255; null once that is over.
    before_night integer check (before_night between 0 and 255),
    -- What was seen of it when it was adopted, by which another in its place is told; null for what
    -- has not been seen yet. Its config identifier: "0311_23_16_05_09".
    config text check (length(config) = 16),
    -- The name that it advertises: "CloudPets B 1.0.19".
    firmware text check (length(firmware) between 1 and 64),
    -- SHA-256 of its services and characteristics.
    gatt_table blob check (length(gatt_table) = 32),
    -- The weakest signal heard, in dBm.
    signal_floor integer check (signal_floor between -128 and 127),
    -- When a guardian retired it: it is let go at the next contact.
    retiring_at integer,
    -- When it was let go. What it recorded, and was sent, stays in the conversation.
    let_go_at integer,
    -- How loud a guardian wants it, 0 to 255, until the toy is as loud as that, or as it may be.
    wanted_volume integer check (wanted_volume between 0 and 255)
) strict;

create index toy_of_child on toy (child);

-- A toy is adopted once at a time.
create unique index toy_at_address on toy (address) where let_go_at is null;

-- Slots that a guardian has overwritten with silence: those that the hub sends nothing to.
create table silence (
    toy blob not null references toy (id) on delete cascade,
    slot integer not null check (slot between 2 and 4),
    wanted_at integer not null,
    -- When that was done; null until the next contact.
    done_at integer,
    primary key (toy, slot)
) strict, without rowid;

-- What makes one doubt that a toy is the one that was adopted: each sign at its latest.
create table guard (
    toy blob not null references toy (id) on delete cascade,
    sign text not null check (sign in ('table', 'config', 'second_address', 'name', 'game')),
    -- SHA-256 of what was seen, so that the same is noted once.
    seen blob not null check (length(seen) = 32),
    since integer not null,
    -- 1 once a guardian has said that it is their toy nevertheless.
    trusted integer not null default 0 check (trusted in (0, 1)),
    primary key (toy, sign)
) strict, without rowid;

-- Whatever people open: sound from or for a child, and the names of children, toys,
-- accounts and the household.
-- Kind, id, child and sender are bound into the sealed bytes: a row changed by hand
-- does not open.
create table item (
    -- The order in which items came; breaks ties between equal times.
    arrival integer primary key,
    id blob not null unique check (length(id) = 16),
    -- recording: sound from the child; message: sound for the child.
    kind text not null
        check (
            kind in (
                'recording', 'message', 'child_profile', 'toy_profile', 'account_profile',
                'household_profile'
            )
        ),
    -- The child that it is from, for or about; null for the profile of a toy.
    child blob references child (id),
    -- The account that sent the message, or the child screen that recorded it; null where no
    -- account did. It stays when the account is gone.
    sender blob check (length(sender) = 16),
    -- The toy that recorded it, or whose profile it is.
    toy blob references toy (id),
    -- The account whose profile it is.
    account blob references account (id) on delete cascade,
    -- When it was recorded, sent, or written.
    recorded_at integer not null,
    -- How long the sound is; null without sound.
    length_ms integer check (0 <= length_ms),
    -- 1 for a recording that the toy made while Hutch was not connected.
    while_away integer not null default 0 check (while_away in (0, 1)),
    -- The picture of the loudness, sealed; here because lists show it. Null without sound.
    waveform blob check (substr(waveform, 1, 5) = x'8948544301'),
    -- A name, sealed.
    text blob check (substr(text, 1, 5) = x'8948544301'),
    -- 1 for what is to stay when its time is over.
    kept integer not null default 0 check (kept in (0, 1)),
    check (
        kind not in ('recording', 'message')
        or (child is not null and length_ms is not null and waveform is not null)
    ),
    check (kind <> 'child_profile' or (child is not null and text is not null)),
    check (kind <> 'toy_profile' or (toy is not null and text is not null)),
    check ((kind = 'account_profile') = (account is not null)),
    check (kind not in ('account_profile', 'household_profile') or text is not null)
) strict;

-- A page of a conversation walks this backwards; the arrival is its hidden last column.
create index item_of_child on item (child, recorded_at);

create unique index profile_of_child on item (child) where kind = 'child_profile';

create unique index profile_of_toy on item (toy) where kind = 'toy_profile';

create unique index profile_of_account on item (account) where kind = 'account_profile';

create unique index profile_of_household on item (kind) where kind = 'household_profile';

-- The sound of an item: apart, so that lists never read it.
create table audio (
    item blob not null primary key references item (id) on delete cascade,
    -- Ogg Opus, sealed.
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;

-- What somebody wrote to a recording or message, for those who cannot hear it: apart, because few
-- items have a note.
create table note (
    item blob not null primary key references item (id) on delete cascade,
    -- Sealed under the content key of the item.
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;

-- What a child looks like: apart, so that lists never read it.
create table picture (
    -- What the child is called: whoever opens that may see the picture, and nobody else.
    item blob not null primary key references item (id) on delete cascade,
    -- Another picture has another one: by this a page knows whether it has seen it.
    id blob not null unique check (length(id) = 16),
    -- JPEG or PNG, sealed under the content key of the item.
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544301')
) strict;

-- An item's content key, once for each recipient that may open it.
create table item_key (
    item blob not null references item (id) on delete cascade,
    recipient integer not null references recipient (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544303'),
    primary key (item, recipient)
) strict, without rowid;

create index item_key_of_recipient on item_key (recipient);

-- The journey of one message to one toy.
create table delivery (
    -- The order in which deliveries came, and their place in the queue: a clock may be set back. One
    -- that is sent for later stands where it would if it had been sent then.
    arrival integer primary key,
    id blob not null unique check (length(id) = 16),
    item blob not null references item (id) on delete cascade,
    toy blob not null references toy (id),
    -- A delivery that is being sent is stored as queued: after a power cut it starts again.
    state text not null check (
        state in (
            'awaiting_approval', 'queued', 'on_toy', 'heard', 'declined', 'failed',
            'expired', 'withdrawing', 'withdrawn'
        )
    ),
    -- Why the last try failed; only while the state is 'failed'.
    reason text check (
        reason in (
            'unreachable', 'link_lost', 'silent', 'gave_up', 'key_refused', 'confused',
            'damaged'
        )
    ),
    -- How many tries have failed so far.
    tries integer not null default 0 check (0 <= tries),
    -- When the next try is due; only while the state is 'failed'.
    next_try_at integer,
    -- When it was sent by a person.
    queued_at integer not null,
    -- When the child had played it to its end.
    heard_at integer,
    -- When it stops waiting to be heard.
    expires_at integer not null,
    -- 1 if the toy was awake while nobody watched, so that it may have been played.
    perhaps_heard integer not null default 0 check (perhaps_heard in (0, 1)),
    -- 1 from the moment that the toy may hold any of it, whatever became of the try, until
    -- another message takes its place.
    begun integer not null default 0 check (begun in (0, 1)),
    -- When it is to set out, if somebody sent it for later.
    due_at integer,
    check ((state = 'failed') = (reason is not null)),
    check ((state = 'failed') = (next_try_at is not null)),
    check ((state = 'heard') = (heard_at is not null))
) strict;

-- A toy has one mailbox, and it holds one message.
create unique index delivery_in_mailbox on delivery (toy)
    where state in ('on_toy', 'withdrawing');

-- What is still under way to a toy, in the order of the queue.
create index delivery_open on delivery (toy)
    where state in ('awaiting_approval', 'queued', 'on_toy', 'failed', 'withdrawing');

-- The one message, if any, that a toy may hold.
create index delivery_begun on delivery (toy) where begun = 1;

create index delivery_of_item on delivery (item);

-- What a guardian is to listen to first, the oldest first.
create index delivery_to_approve on delivery (arrival) where state = 'awaiting_approval';

-- Clips that wait for their toy: all that a keeper can read. A row goes as soon as the
-- delivery needs it no more.
create table outbox (
    delivery blob not null primary key references delivery (id) on delete cascade,
    -- The clip as the toy takes it, sealed under the device key.
    clip blob not null check (substr(clip, 1, 5) = x'8948544302')
) strict;

-- Content keys of messages that are to set out later, for the screens of the child: until then a
-- screen opens nothing of them.
create table key_for_later (
    delivery blob not null references delivery (id) on delete cascade,
    recipient integer not null references recipient (id) on delete cascade,
    sealed blob not null check (substr(sealed, 1, 5) = x'8948544303'),
    primary key (delivery, recipient)
) strict, without rowid;

create index key_for_later_of_recipient on key_for_later (recipient);

-- What was fetched from a toy already, so that it is not fetched twice, nor after it was
-- erased here: the toy keeps its last recording.
create table fetched (
    toy blob not null references toy (id) on delete cascade,
    -- HMAC-SHA256 of the recording as it came from the toy, under the hash key.
    mac blob not null check (length(mac) = 32),
    fetched_at integer not null,
    -- The item that was kept of a recording that begins like this and did not come whole; then it is
    -- the beginning that is hashed.
    part blob check (length(part) = 16),
    primary key (toy, mac)
) strict, without rowid;

-- Requests that stored recordings or messages, by the key that whoever asked gave: asked again, they
-- store nothing twice. For a week at least.
create table request (
    -- Counts them.
    arrival integer primary key,
    account blob not null references account (id) on delete cascade,
    -- HMAC-SHA256 under the hash key of the account and the key: somebody chose that, so it is not
    -- kept as it is.
    key_mac blob not null unique check (length(key_mac) = 32),
    -- The same of what was asked, but for the sound: with the same key, it must be the same.
    asked_mac blob not null check (length(asked_mac) = 32),
    -- The identifiers of what was stored, one after the other. They stay when it is erased: it is not
    -- to come back.
    items blob not null check (0 < length(items) and length(items) % 16 = 0),
    at integer not null
) strict;

create index request_of_account on request (account);

-- What guardians look back on: who did what, and when. Rows are only ever added, and each chains
-- to the one before: an edit or a gap shows to whoever remembers a later link.
create table activity (
    -- Counts them, from 1, without gaps.
    id integer primary key check (0 < id),
    at integer not null,
    -- What was done, in a word.
    deed text not null check (length(deed) between 1 and 32),
    -- The account that did it; null for the hub itself, or somebody who is not known. Identifiers
    -- stay when what they name is gone.
    account blob check (length(account) = 16),
    -- To whom or what: an account, a toy, an invitation, the session that began.
    subject blob check (length(subject) = 16),
    -- With which recording or message.
    item blob check (length(item) = 16),
    child blob check (length(child) = 16),
    -- How many, where it was done to several.
    n integer,
    -- SHA-256 of the place with its salt, so that the place can be forgotten and the chain holds.
    place_hash blob check (length(place_hash) = 32),
    -- SHA-256 of the link before and everything above.
    chain blob not null check (length(chain) = 32)
) strict;

-- When somebody last failed to sign in, without a walk through all rows: as fast for a name that
-- nobody has.
create index activity_failed on activity (subject, id) where deed = 'sign_in_failed';

-- Where something was done, and with what: forgotten after 90 days.
create table activity_place (
    activity integer primary key references activity (id) on delete cascade,
    salt blob not null check (length(salt) = 16),
    -- "192.168.1.7".
    address text not null check (length(address) <= 64),
    -- "Firefox on Android".
    device text not null check (length(device) <= 64)
) strict;

-- Up to where a guardian was shown what they should know of.
create table activity_seen (
    account blob not null primary key references account (id) on delete cascade,
    up_to integer not null check (0 <= up_to)
) strict, without rowid;

-- What was erased: identifiers, so that it does not come back with a backup.
create table tombstone (
    id blob not null primary key check (length(id) = 16),
    erased_at integer not null
) strict, without rowid;

-- Toys that may hold a message that was erased here: it is overwritten at the next contact.
create table overwrite (
    toy blob not null primary key references toy (id) on delete cascade,
    -- How long the message was.
    length_ms integer not null check (0 <= length_ms),
    since integer not null
) strict, without rowid;

-- The token of a program that counts what the hub does. There is one at most, and none until a guardian
-- makes it.
create table meter (
    id integer primary key check (id = 1),
    -- HKDF of the token, which is nowhere.
    lookup blob not null check (length(lookup) = 32),
    made_at integer not null,
    -- When it was last used, to the hour.
    used_at integer
) strict;
