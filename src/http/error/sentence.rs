//! The sentences for people: what happened and what to do.

use crate::hub::{FileError, HubError, PictureError, notes::MAX_CHARS, restoring::NotTaken};

/// Returns what is said of an error of the hub.
pub(super) fn of_hub(error: &HubError) -> String {
    let sentence = match error {
        HubError::NoSuchChild => "There is no such child here. Reload the page.",
        HubError::NoSuchToy => "There is no such toy here. Reload the page.",
        HubError::NoSuchItem => "There is no such message here. Reload the page.",
        HubError::NoSuchPicture => "This child has no picture, or not any more. Reload the page.",
        HubError::NoSuchDelivery => "There is no such delivery here. Reload the page.",
        HubError::NoToy => "This child has no toy yet. A guardian can adopt one under “Toys”.",
        HubError::TooLong { length_ms, slot_ms } => {
            return format!(
                "The message is {} s long, and the toy keeps {} s at a time. Let Hutch \
                 cut it or split it.",
                length_ms.div_ceil(1_000),
                slot_ms / 1_000,
            );
        }
        HubError::FarTooLong { length_ms, longest_ms } => {
            return format!(
                "This sound is {} min long, and Hutch sends up to {} min at once. Let \
                 Hutch cut it, or send it in several files.",
                length_ms.div_ceil(60_000),
                longest_ms / 60_000,
            );
        }
        HubError::TooLate => {
            "It is too late for that: the message has moved on. Reload the page to see \
             where it is."
        }
        HubError::NotSetUp => "This hub has not been set up yet. Reload the page and set it up.",
        HubError::AlreadySetUp => "This hub has been set up already. Reload the page and sign in.",
        HubError::Restoring | HubError::NotTaken(NotTaken::Busy) => {
            "The household comes back from a backup just now. Wait for that, and reload the page."
        }
        HubError::NoSuchBackup => {
            "This backup is not there any more. Reload the page and choose again."
        }
        HubError::NotTaken(NotTaken::NoBackup) => {
            "This file is no backup of Hutch, or its beginning is damaged. Choose another one."
        }
        HubError::NotTaken(NotTaken::NoRoom) => {
            "The hub's disk has no room for this backup and for what is in it. Take a larger card."
        }
        HubError::WrongCode { tries_left } => {
            return format!(
                "This is not the code that the hub shows. Look again and type it once \
                 more; after {tries_left} more wrong ones there is a new code."
            );
        }
        HubError::CodeRenewed => {
            "The hub shows a new code now, because the old one was tried too often or was \
             too old. Look again and type the new one."
        }
        HubError::BadName => "A name has 1 to 64 letters. Choose another one.",
        HubError::BadTimeZone => "Hutch does not know this time zone. Choose one from the list.",
        HubError::WeakPassword(_) => {
            "This password is too easy to guess. Choose a longer one, or take the five \
             words that Hutch draws for you."
        }
        HubError::WrongPassword => {
            "The name or the password is not right. Check both and try again."
        }
        HubError::TotpNeeded => {
            "This account has two-step sign-in. Type the code that your authenticator \
             shows."
        }
        HubError::WrongTotp => {
            "This code is not right, or was used before. Wait for the next one and type it."
        }
        HubError::WrongTotpCode => {
            "This is not what your authenticator should show. Check that its clock is \
             right and type the code once more."
        }
        HubError::TotpSwitched => "Two-step sign-in is as you want it already. Reload the page.",
        HubError::ClockNotTrusted => {
            "The hub's clock is not right, so it cannot check codes that go by the time. \
             Use one of your recovery codes, or wait until the hub has found the time."
        }
        HubError::TryLater { seconds } => {
            return match seconds {
                0..=90 => format!("Too many tries. Wait {seconds} s and try again."),
                _ => format!("Too many tries. Wait {} min and try again.", seconds.div_ceil(60)),
            };
        }
        HubError::ConfirmFirst => "This needs your password once more. Type it and try again.",
        HubError::NoSuchInvite => {
            "This invitation was used, has ended or was taken back. Ask for another one."
        }
        HubError::TooManyInvites => {
            "More invitations are open than anybody needs. Take some back and try again."
        }
        HubError::NameTaken => {
            "Somebody in this household has that name already. Choose another one."
        }
        HubError::WrongRecoveryKey => {
            "This is not the recovery key of this hub, or nobody has that name. Check \
             both and try again."
        }
        HubError::SignedOut => "This browser is not signed in, or not any more. Sign in and go on.",
        HubError::NoSuchAccount => "There is no such person here. Reload the page.",
        HubError::Blocked => "A guardian has paused this account. Ask them.",
        HubError::KeysChanging => {
            "The keys are being changed already. Wait until that is done, and try again."
        }
        HubError::NoChildren => "Choose at least one child for this relative.",
        HubError::BadChoice => {
            "Something that was chosen is not possible. Reload the page and choose again."
        }
        HubError::NotGranted => {
            "This relative may not hear from this child. Allow it first, among the people."
        }
        HubError::DailyLimit { limit, .. } => {
            return format!(
                "You may send {limit} {} a day, and today's are sent. Send the next \
                 tomorrow.",
                if *limit == 1 { "message" } else { "messages" },
            );
        }
        HubError::NotHere => {
            "A demo's household is not erased by hand: it ends when the demo does."
        }
        HubError::WrongName => {
            "This is not the name that was asked for, so nothing was erased. Type it as \
             the page shows it."
        }
        HubError::QuietHours { .. } => "It is quiet time now. Listen again when it is over.",
        HubError::NoSuchSession => {
            "This browser was signed out already. Reload the page to see who is left."
        }
        HubError::WrongPart => {
            "This is not that part of the key. Look at the paper and type it once more."
        }
        HubError::BadSendAt => {
            "A message can be sent for a time within the next 60 days. Choose another time."
        }
        HubError::NoClockToSendBy => {
            "The hub's clock is not right, so it cannot send anything later. Send it now, or wait until \
             the hub has found the time."
        }
        HubError::BadNote => {
            return format!(
                "A note has up to {MAX_CHARS} characters, and no tabs or other control characters. \
                 Shorten it, or type it anew."
            );
        }
        HubError::NotTheirs => "This is not for this account to do. Ask a guardian to do it.",
        HubError::BadRequestKey => {
            "An Idempotency-Key has 1 to 64 letters, digits, hyphens and underscores. Reload the page \
             and try again."
        }
        HubError::OtherRequest => {
            "Something else was sent with the same key before, so this was not kept. Reload the page \
             and send it again."
        }
        HubError::ErasedSince => {
            "This had arrived the first time, and was erased since, so it was not kept again. Send it \
             as a new one if you want it back."
        }
        HubError::BadCursor => "This list cannot go on from there. Reload the page.",
        HubError::ToyAsleep => {
            "The toy is asleep, so nothing was played. Squeeze one of its paws, and try again."
        }
        HubError::NotHeard => {
            "This toy is not heard any more. Squeeze one of its paws to wake it, close to the hub, \
             and try again."
        }
        HubError::AlreadyAdopted => {
            "This toy is adopted already. Retire it first, if it is to be somebody else's."
        }
        HubError::NoSuchMeeting => {
            "This look at a toy is over, and Hutch remembers nothing of it. Choose the toy again."
        }
        HubError::NotSqueezed => {
            "Nobody has squeezed a paw of this toy, or Hutch has let it go since. Choose the toy \
             again."
        }
        HubError::CharacterMissing => {
            "The toy does not say which animal it is. Choose the animal and try again."
        }
        HubError::Audio(fault) => return sentence(&fault.to_string()),
        HubError::SoundFile(fault) => return of_file(fault),
        HubError::Picture(fault) => return of_picture(*fault),
        HubError::Stopping => "Hutch is stopping. Try again in a moment.",
        HubError::DoesNotOpen { .. } => {
            "This recording or message is damaged and does not open any more. The others do."
        }
        HubError::DiskFull(_) => {
            "The hub's disk is full, so this was not kept; nothing kept before is lost. Make \
             room on it and try again."
        }
        HubError::RoomKept => {
            "The hub's disk is nearly full, and what is left is kept for what the children say. \
             Make room on it and try again."
        }
        HubError::CannotWrite(_) | HubError::NotTaken(NotTaken::Failed) => {
            "The hub cannot write its files, so this was not kept; nothing kept before is \
             lost. See that its disk is in order, start it again and try again."
        }
        // What went wrong inside is for the log, never for the client.
        HubError::Damaged(_)
        | HubError::Seal(_)
        | HubError::Store(_)
        | HubError::PasswordKey(_) => {
            "Something went wrong in the hub. Try again; its log says more."
        }
    };
    sentence.to_owned()
}

/// Returns what is said of a sound file.
fn of_file(fault: &FileError) -> String {
    let sentence = match fault {
        FileError::Empty => "This file is empty. Save or export the sound again and try that file.",
        FileError::NoSoundFile => {
            "Hutch cannot play this file. It knows MP3, M4A, AAC, Ogg, Opus, FLAC and WAV sounds: \
             choose one of these."
        }
        FileError::NoSoundTrack => {
            "This is a video without sound. Choose another one, or record a message."
        }
        FileError::Protected => {
            "This file is protected against copying, and only the program that it was bought for \
             plays it. Choose another one."
        }
        FileError::Encoding(encoding) => {
            return format!(
                "Hutch cannot play {encoding}. It knows MP3, M4A, AAC, Ogg, Opus, FLAC and WAV \
                 sounds: save it as one of these and try again."
            );
        }
        FileError::Cut => {
            "This file breaks off before its sound begins. Copy it to this device once more and \
             try again."
        }
        FileError::Damaged => {
            "This file is damaged, and hardly anything of it can be played. Copy it to this device \
             once more, or choose another one."
        }
        FileError::NoSound => "There is no sound in this file. Choose another one.",
        FileError::TakesTooLong => {
            "Hutch gave up on this file, because it takes far too much work. Save it as MP3 or WAV \
             and try again."
        }
        FileError::Wav(fault) => return sentence(&fault.to_string()),
    };
    sentence.to_owned()
}

/// Returns what is said of a picture.
fn of_picture(fault: PictureError) -> String {
    let sentence = match fault {
        PictureError::Empty => "This file is empty. Save the picture again and try that file.",
        PictureError::NoPicture => {
            "This file is no picture that Hutch knows. Choose a JPEG, PNG or WebP picture."
        }
        PictureError::Unread(kind) => {
            return format!(
                "Hutch does not read {kind} pictures. Save it as JPEG, PNG or WebP and try again."
            );
        }
        PictureError::Cut => {
            "This picture breaks off before its end. Copy it to this device once more and try again."
        }
        PictureError::Damaged => {
            "This picture is damaged. Copy it to this device once more, or choose another one."
        }
        PictureError::TooLarge => {
            "This picture is too large: Hutch takes up to 8,000 pixels a side and 32 million in all. \
             Make it smaller and try again."
        }
    };
    sentence.to_owned()
}

/// Makes a sentence of an error's text, which begins small and ends without a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let rest = letters.as_str();
    let end = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_errors_become_sentences() {
        assert_eq!(sentence("the file is empty"), "The file is empty.");
        assert_eq!(sentence("Is it? Yes."), "Is it? Yes.");
        assert_eq!(sentence("über"), "Über.");
        assert_eq!(sentence(""), ".");
    }
}
