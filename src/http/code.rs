//! The stable half of every error.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $status:literal $word:literal,)+) => {
        /// The stable half of an error: what a program may rely on.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Code {
            $($(#[doc = $doc])+ $code,)+
        }

        impl Code {
            /// Returns the word in `error`.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$code => $word,)+
                }
            }

            /// Returns the HTTP status it comes with.
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$code => $status,)+
                }
            }
        }
    };
}

codes! {
    /// The query has a value that is not allowed.
    BadQuery = 400 "bad_query",
    /// The cursor is not one that the hub gave.
    BadCursor = 400 "bad_cursor",
    /// The key of a request cannot be one.
    BadRequestKey = 400 "bad_idempotency_key",
    /// The body is not the JSON that is asked for.
    BadJson = 400 "bad_json",
    /// The body ended before it was complete.
    BrokenOff = 400 "broken_off",
    /// The cookie is missing or not valid.
    NotSignedIn = 401 "not_signed_in",
    /// The name or the password is not right.
    WrongPassword = 401 "wrong_password",
    /// The password is right; a code is missing.
    TotpNeeded = 401 "totp_needed",
    /// The code is not right.
    WrongTotp = 401 "wrong_totp",
    /// It is not the recovery key, or nobody has that name.
    WrongRecoveryKey = 401 "wrong_recovery_key",
    /// The set-up code is not right.
    WrongCode = 403 "wrong_code",
    /// There is another set-up code.
    CodeRenewed = 403 "code_renewed",
    /// The password must be given once more.
    ConfirmFirst = 403 "confirm_first",
    /// Whoever asks may not do that.
    NotAllowed = 403 "not_allowed",
    /// A guardian keeps the account from signing in.
    Blocked = 403 "blocked",
    /// Another site started the request.
    CrossSite = 403 "cross_site",
    /// There is nothing at this path.
    NotFound = 404 "not_found",
    /// There is no such child.
    NoSuchChild = 404 "no_such_child",
    /// There is no such toy.
    NoSuchToy = 404 "no_such_toy",
    /// There is no such item.
    NoSuchItem = 404 "no_such_item",
    /// The child has no picture.
    NoSuchPicture = 404 "no_such_picture",
    /// There is no such delivery.
    NoSuchDelivery = 404 "no_such_delivery",
    /// The invitation was used, has ended, or never was.
    NoSuchInvite = 404 "no_such_invite",
    /// There is no such account.
    NoSuchAccount = 404 "no_such_account",
    /// There is no such session.
    NoSuchSession = 404 "no_such_session",
    /// There is no such backup.
    NoSuchBackup = 404 "no_such_backup",
    /// No toy is heard at that address.
    NotHeard = 404 "not_heard",
    /// There is no such meeting.
    NoSuchMeeting = 404 "no_such_meeting",
    /// The path exists, but not with this method.
    WrongMethod = 405 "wrong_method",
    /// The body came too slowly.
    TooSlow = 408 "too_slow",
    /// The child has no toy to deliver to.
    NoToy = 409 "no_toy",
    /// The toy is not awake.
    ToyAsleep = 409 "toy_asleep",
    /// The toy at that address is adopted.
    AlreadyAdopted = 409 "already_adopted",
    /// No paw was squeezed at that meeting, or it has ended.
    NotSqueezed = 409 "not_squeezed",
    /// The delivery has gone too far for that.
    TooLate = 409 "too_late",
    /// The child is not granted to the relative.
    NotGranted = 409 "not_granted",
    /// The hub is set up already.
    AlreadySetUp = 409 "already_set_up",
    /// The hub is not set up yet.
    NotSetUp = 409 "not_set_up",
    /// The household comes back from a backup just now.
    Restoring = 409 "restoring",
    /// Somebody else has that name.
    NameTaken = 409 "name_taken",
    /// Too many invitations are open.
    TooManyInvites = 409 "too_many_invites",
    /// The household's keys are being changed already.
    KeysChanging = 409 "keys_changing",
    /// Two-step sign-in is as it should become already.
    TotpSwitched = 409 "totp_switched",
    /// The household of this hub cannot be erased.
    NotHere = 409 "not_here",
    /// The hub does not know what time it is.
    ClockNotTrusted = 409 "clock_not_trusted",
    /// Another request had the same key.
    OtherRequest = 409 "idempotency_key_reused",
    /// The child has its quiet hours, and its screen plays nothing meanwhile.
    QuietHours = 409 "quiet_hours",
    /// The request was made before, and what it stored was erased since.
    ErasedSince = 410 "erased_since",
    /// It is not said how long the body is.
    NoLength = 411 "no_length",
    /// The body is larger than is taken.
    TooLarge = 413 "too_large",
    /// The file of a picture is larger than is taken.
    PictureTooHeavy = 413 "picture_too_heavy",
    /// The body is of a type that is not taken.
    WrongType = 415 "wrong_type",
    /// The range lies outside the sound.
    BadRange = 416 "bad_range",
    /// The request names a host that is not this hub.
    WrongHost = 421 "wrong_host",
    /// The message does not fit into one slot, and nobody said what to do then.
    MessageTooLong = 422 "message_too_long",
    /// The sound is too long even to be split.
    SoundTooLong = 422 "sound_too_long",
    /// The sound cannot be used.
    BadSound = 422 "bad_sound",
    /// There is not one byte in the sound file.
    EmptyFile = 422 "empty_file",
    /// It is no sound, or none that anybody knows.
    NoSoundFile = 422 "no_sound_file",
    /// It is a video without a sound track.
    NoSoundTrack = 422 "no_sound_track",
    /// It is protected against copying.
    ProtectedSound = 422 "protected_sound",
    /// It is sound of a kind that is not taken.
    UnknownEncoding = 422 "unknown_encoding",
    /// It breaks off before its sound begins.
    SoundCutOff = 422 "sound_cut_off",
    /// Hardly anything of it can be decoded.
    DamagedSound = 422 "damaged_sound",
    /// There is not one sample in it.
    NoSound = 422 "no_sound",
    /// It takes too long to decode.
    SoundTooHard = 422 "sound_too_hard",
    /// What was sent does not begin as a backup does.
    NoBackup = 422 "no_backup",
    /// There is not one byte in the picture's file.
    EmptyPicture = 422 "empty_picture",
    /// It is no picture, or none that anybody knows.
    NoPicture = 422 "no_picture",
    /// It is a picture of a kind that is not read.
    UnknownPicture = 422 "unknown_picture",
    /// The picture breaks off before its end.
    PictureCutOff = 422 "picture_cut_off",
    /// The picture cannot be decoded.
    DamagedPicture = 422 "damaged_picture",
    /// The picture has too many pixels.
    PictureTooLarge = 422 "picture_too_large",
    /// The password is too easy to guess.
    WeakPassword = 422 "weak_password",
    /// The name cannot be one.
    BadName = 422 "bad_name",
    /// A message cannot be sent for that time.
    BadSendAt = 422 "bad_send_at",
    /// The text cannot be a note.
    BadNote = 422 "bad_note",
    /// The toy does not say which animal it is, and nobody else did.
    CharacterMissing = 422 "character_missing",
    /// It is not the name that was asked for.
    WrongName = 422 "wrong_name",
    /// A relative needs at least one child.
    NoChildren = 422 "no_children",
    /// Something that was chosen cannot be.
    BadChoice = 422 "bad_choice",
    /// There is no such time zone.
    BadTimeZone = 422 "bad_time_zone",
    /// The authenticator shows another code.
    WrongTotpCode = 422 "wrong_totp_code",
    /// It is another part of the recovery key.
    WrongPart = 422 "wrong_part",
    /// Too many tries.
    TryLater = 429 "try_later",
    /// As many messages were sent today as may be.
    DailyLimit = 429 "daily_limit",
    /// The hub is stopping.
    Stopping = 503 "stopping",
    /// A part of the hub does not answer.
    Ails = 503 "ails",
    /// A recording or message is damaged: it does not open any more.
    Damaged = 500 "damaged",
    /// The disk is full.
    DiskFull = 507 "disk_full",
    /// What room is left is kept for what children say.
    RoomKept = 507 "room_kept",
    /// The disk has no room for the backup and for what is in it.
    NoRoomForBackup = 507 "no_room_for_backup",
    /// The hub's files cannot be written.
    CannotWrite = 500 "cannot_write",
    /// Something went wrong inside.
    Internal = 500 "internal",
}
