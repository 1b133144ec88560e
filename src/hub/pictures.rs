//! Pictures of children.
//!
//! A picture is sealed under the key of the child's name: whoever may know the one may see the other.
//! What is kept was made anew of what came, so that nothing but the picture is in it.

use super::{Asks, Fresh as _, Guardian, Hub, HubError, Picture, children::about, view};
use crate::{
    model::{ChildId, Deed, PictureId},
    seal::{Part, SealError},
    store::{
        activity,
        children::{self, Child},
        pictures,
    },
};

/// What came of a change.
enum Changed {
    Done { had_one: bool },
    NoChild,
    NoPicture,
}

impl Hub {
    /// Returns the picture of a child that the caller may know, and which it is.
    pub async fn picture(
        &self,
        by: &impl Asks,
        id: ChildId,
    ) -> Result<(PictureId, Picture), HubError> {
        let (reader, own) = (by.reader(), by.key());
        let opened = self.tools().store.read_then(
            move |tx| {
                let child = match reader {
                    None => children::find(tx, id)?,
                    Some(reader) => {
                        let mut granted = children::granted_to(tx, reader)?.into_iter();
                        granted.find(|child| child.id == id)
                    }
                };
                let Some(child) = child else { return Ok(None) };
                let picture = pictures::find(tx, child.profile.item)?;
                Ok(Some((child, picture)))
            },
            move |found| {
                let (child, picture) = found.ok_or(HubError::NoSuchChild)?;
                let (picture, sealed) = picture.ok_or(HubError::NoSuchPicture)?;
                let about = about(child.profile.item, id);
                let open = || {
                    let content = own.open(child.profile.key.as_ref().map_err(|e| *e)?, &about)?;
                    content.open_in_place(Part::Picture, &about, sealed?)
                };
                let mut bytes = open().map_err(does_not_open(id))?;
                let bytes = Picture::from_stored(std::mem::take(&mut *bytes));
                let bytes = bytes.map_err(|_other| does_not_open(id)(SealError::DoesNotOpen))?;
                Ok((picture, bytes))
            },
        );
        opened.await?
    }

    /// Gives a child a picture, in the place of the one before.
    pub async fn set_picture(
        &self,
        by: &Guardian,
        id: ChildId,
        file: Vec<u8>,
    ) -> Result<view::Child, HubError> {
        let child = self.known(id).await?;
        self.has_room()?;
        let turn = self.turn_at_work().await?;
        let read = move || {
            let _turn = turn;
            Picture::read(&file)
        };
        let picture = tokio::task::spawn_blocking(read).await;
        let picture = picture.map_err(|_stopping| HubError::Stopping)??;
        let profile = child.profile.item;
        let about = about(profile, id);
        let seal = || {
            let content = by.open(child.profile.key.as_ref().map_err(|error| *error)?, &about)?;
            content.seal(Part::Picture, &about, picture.as_bytes())
        };
        let sealed = seal().map_err(does_not_open(id))?;
        let note = self.note(by, Deed::ChildChanged).of_child(id);
        let changed = self.tools().store.write(move |tx| {
            // It may have been erased while the picture was made small.
            if children::find(tx, id)?.is_none() {
                return Ok(Changed::NoChild);
            }
            let had_one = pictures::set(tx, profile, PictureId::fresh(), &sealed)?;
            activity::insert(tx, &note)?;
            Ok(Changed::Done { had_one })
        });
        self.changed(by, id, changed.await?).await
    }

    /// Takes a child's picture away: its animal stands for it again.
    pub async fn remove_picture(
        &self,
        by: &Guardian,
        id: ChildId,
    ) -> Result<view::Child, HubError> {
        let profile = self.known(id).await?.profile.item;
        let note = self.note(by, Deed::ChildChanged).of_child(id);
        let changed = self.tools().store.write(move |tx| {
            if !pictures::remove(tx, profile)? {
                return Ok(Changed::NoPicture);
            }
            activity::insert(tx, &note)?;
            Ok(Changed::Done { had_one: true })
        });
        self.changed(by, id, changed.await?).await
    }

    async fn known(&self, id: ChildId) -> Result<Child, HubError> {
        let found = self.tools().store.read(move |tx| children::find(tx, id)).await?;
        found.ok_or(HubError::NoSuchChild)
    }

    async fn changed(
        &self,
        by: &Guardian,
        id: ChildId,
        changed: Changed,
    ) -> Result<view::Child, HubError> {
        let had_one = match changed {
            Changed::Done { had_one } => had_one,
            Changed::NoChild => return Err(HubError::NoSuchChild),
            Changed::NoPicture => return Err(HubError::NoSuchPicture),
        };
        tracing::info!(account.id = %by.account(), child.id = %id, "a child's picture was changed");
        self.tools().bus.publish(view::Event::Changed);
        if had_one {
            // What it looked like before is gone from the files, too.
            self.scrub().await;
        }
        self.child(by, id).await
    }
}

/// Says in the log whose picture does not open, and why.
fn does_not_open(child: ChildId) -> impl FnOnce(SealError) -> HubError {
    move |error| {
        tracing::error!(child.id = %child, %error, "a picture does not open");
        error.into()
    }
}
