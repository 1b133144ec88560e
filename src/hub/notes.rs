//! Written notes: what a recording or message says, for those who cannot hear it.
//!
//! A note is sealed under the content key of its item, as the sound is: whoever may open the one may
//! open the other, and sharing the item shares the note.

use zeroize::Zeroizing;

use super::{
    Asks, Hub, HubError, items,
    view::{Event, Item},
};
use crate::{
    model::{AccountId, Deed, ItemId, Role},
    seal::Part,
    store::{StoreError, Transaction, activity, item_keys, items::Item as Stored, notes},
};

/// The most characters that a note has.
pub const MAX_CHARS: usize = 1_000;

/// Whether somebody may write a note to an item.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum May {
    Yes,
    /// Others can see it by now, and no guardian would look at the note first.
    TooLate,
    NotTheirs,
}

/// What came of writing one.
enum Written {
    Done { replaced: bool },
    Not(May),
    NoItem,
}

impl Hub {
    /// Writes a note to a recording or message, in the place of the one before; nothing but blanks
    /// takes that away. Guardians write to every item, relatives to what they sent themselves, as
    /// long as nobody but guardians can see it.
    pub async fn set_note(
        &self,
        by: &impl Asks,
        id: ItemId,
        text: Zeroizing<String>,
    ) -> Result<Item, HubError> {
        let text = checked(text)?;
        let (reader, who) = (by.reader(), (by.role(), by.account()));
        let found = self.tools().store.read(move |tx| {
            let Some(item) = items::find(tx, reader, id)? else { return Ok(None) };
            let may = may_write(tx, who, &item)?;
            Ok(Some((item, notes::find(tx, id)?, may)))
        });
        let (item, before, may) = found.await?.ok_or(HubError::NoSuchItem)?;
        may.check()?;
        let seal = || {
            let (about, content) = items::unlock(|key, about| by.open(key, about), &item)?;
            let is_same = match (&before, &text) {
                (None, None) => true,
                (Some(Ok(note)), Some(text)) => {
                    let note = content.open(Part::Text, &about, note);
                    note.is_ok_and(|note| *note == text.as_bytes())
                }
                // One that is damaged can be written anew.
                (Some(_), _) | (None, Some(_)) => false,
            };
            let seal = |text: &Zeroizing<String>| content.seal(Part::Text, &about, text.as_bytes());
            Ok((is_same, text.as_ref().map(seal).transpose()?))
        };
        let (is_same, note) = seal().map_err(items::does_not_open(id))?;
        if is_same {
            return self.item(by, id).await;
        }
        let child = item.child;
        let entry = |deed| self.note(by, deed).with(id).of_child(child);
        let (written, changed, removed) =
            (entry(Deed::NoteWritten), entry(Deed::NoteChanged), entry(Deed::NoteRemoved));
        let stored = self.tools().store.write(move |tx| {
            let Some(item) = items::find(tx, reader, id)? else { return Ok(Written::NoItem) };
            let may = may_write(tx, who, &item)?;
            if may != May::Yes {
                return Ok(Written::Not(may));
            }
            let replaced = notes::exists(tx, id)?;
            let entry = match (&note, replaced) {
                (Some(_), false) => written,
                (Some(_), true) => changed,
                (None, true) => removed,
                (None, false) => return Ok(Written::Done { replaced }),
            };
            match &note {
                Some(note) => notes::set(tx, id, note)?,
                None => drop(notes::remove(tx, id)?),
            }
            activity::insert(tx, &entry)?;
            Ok(Written::Done { replaced })
        });
        let replaced = match stored.await? {
            Written::Done { replaced } => replaced,
            Written::Not(may) => return may.check().and(Err(HubError::TooLate)),
            Written::NoItem => return Err(HubError::NoSuchItem),
        };
        if replaced {
            // What it said before is gone from the files, too.
            self.scrub().await;
        }
        self.tools().bus.publish(Event::Item { id, child });
        self.item(by, id).await
    }
}

impl May {
    const fn check(self) -> Result<(), HubError> {
        match self {
            Self::Yes => Ok(()),
            Self::TooLate => Err(HubError::TooLate),
            Self::NotTheirs => Err(HubError::NotTheirs),
        }
    }
}

fn may_write(
    tx: &Transaction<'_>,
    (role, account): (Role, AccountId),
    item: &Stored,
) -> Result<May, StoreError> {
    match role {
        Role::Guardian => Ok(May::Yes),
        Role::Relative if item.sender == Some(account) => {
            let is_seen = item_keys::is_seen_by_others(tx, item.id, account)?;
            Ok(if is_seen { May::TooLate } else { May::Yes })
        }
        Role::Relative | Role::ChildScreen => Ok(May::NotTheirs),
    }
}

/// Returns a text that can be a note, or nothing if there is nothing in it.
fn checked(text: Zeroizing<String>) -> Result<Option<Zeroizing<String>>, HubError> {
    let is_strange = |letter: char| letter.is_control() && letter != '\n';
    if MAX_CHARS < text.chars().count() || text.contains(is_strange) {
        return Err(HubError::BadNote);
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Option<String>, ()> {
        let checked = checked(Zeroizing::new(text.to_owned())).map_err(|_refused| ())?;
        Ok(checked.map(|text| text.to_string()))
    }

    #[test]
    fn a_note_is_any_text_of_up_to_a_thousand_characters() {
        for text in
            ["Good night, Mia!", "zwei\nZeilen", "ñ 你好 🧸 \u{202e}", " a ", &"🧸".repeat(1_000)]
        {
            assert_eq!(check(text), Ok(Some(text.to_owned())));
        }
        for nothing in ["", " ", "\n \n"] {
            assert_eq!(check(nothing), Ok(None));
        }
        for refused in ["a\tb", "a\r\nb", "\0", "\u{1b}[2J", "\u{85}", &"a".repeat(1_001)] {
            assert_eq!(check(refused), Err(()), "{refused:?}");
        }
    }
}
