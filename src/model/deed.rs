//! What guardians look back on, in a word each.

/// Something that was done, as the activity has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs, reason = "the words say it; what needs more, says more")]
pub enum Deed {
    SetUp,
    SignedIn,
    /// The same, in a browser in which that account had not signed in before.
    NewDevice,
    SignInFailed,
    /// Sessions of the account itself, ended by it.
    SessionsEnded,
    PasswordChanged,
    TwoStepOn,
    TwoStepOff,
    RecoveryKeyMade,
    RecoveryKeyUsed,
    /// By root, at the terminal.
    AccountReset,
    /// By root, at the terminal: the certificates of the hub have another root.
    RootChanged,
    /// The household came back from a backup.
    Restored,
    /// What was kept of the household before: by a guardian, or by the hub when its time was over.
    ReplacedErased,
    Invited,
    /// Into the household, with all that a guardian may do.
    GuardianInvited,
    InviteWithdrawn,
    InviteAccepted,
    /// Another link for an account that has one already.
    LinkRenewed,
    AccountChanged,
    AccountBlocked,
    AccountUnblocked,
    AccountRemoved,
    /// With everything that it had sent.
    AccountErased,
    ChildAdded,
    ChildChanged,
    /// Quiet hours, volumes, retention.
    RulesChanged,
    ChildErased,
    Approved,
    Declined,
    Shared,
    Unshared,
    Kept,
    Unkept,
    NoteWritten,
    NoteChanged,
    NoteRemoved,
    Erased,
    /// By the hub, because their time was over: how many.
    TimeOver,
    KeysChanging,
    KeysChanged,
    HubStolen,
    /// A token, by which a program counts what the hub does.
    MeterMade,
    MeterRevoked,
    ToyAdopted,
    ToyRenamed,
    /// To another child.
    ToyGiven,
    /// What it holds in one of its slots.
    SlotSilenced,
    /// It is let go at the next contact.
    ToyRetired,
    /// By the hub that reached it once more, or by a guardian without that.
    ToyLetGo,
    /// A guardian says that it is their toy, whatever was seen of it.
    ToyTrusted,
    /// Another GATT table answered at a toy's address.
    GuardTable,
    /// A toy had another config identifier.
    GuardConfig,
    /// A second address advertised a toy's identifier.
    GuardSecondAddress,
    /// A toy advertised another name.
    GuardName,
    /// A toy was in a state that no command of ours explains.
    GuardGame,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 56] = [
        Self::SetUp,
        Self::SignedIn,
        Self::NewDevice,
        Self::SignInFailed,
        Self::SessionsEnded,
        Self::PasswordChanged,
        Self::TwoStepOn,
        Self::TwoStepOff,
        Self::RecoveryKeyMade,
        Self::RecoveryKeyUsed,
        Self::AccountReset,
        Self::RootChanged,
        Self::Restored,
        Self::ReplacedErased,
        Self::Invited,
        Self::GuardianInvited,
        Self::InviteWithdrawn,
        Self::InviteAccepted,
        Self::LinkRenewed,
        Self::AccountChanged,
        Self::AccountBlocked,
        Self::AccountUnblocked,
        Self::AccountRemoved,
        Self::AccountErased,
        Self::ChildAdded,
        Self::ChildChanged,
        Self::RulesChanged,
        Self::ChildErased,
        Self::Approved,
        Self::Declined,
        Self::Shared,
        Self::Unshared,
        Self::Kept,
        Self::Unkept,
        Self::NoteWritten,
        Self::NoteChanged,
        Self::NoteRemoved,
        Self::Erased,
        Self::TimeOver,
        Self::KeysChanging,
        Self::KeysChanged,
        Self::HubStolen,
        Self::MeterMade,
        Self::MeterRevoked,
        Self::ToyAdopted,
        Self::ToyRenamed,
        Self::ToyGiven,
        Self::SlotSilenced,
        Self::ToyRetired,
        Self::ToyLetGo,
        Self::ToyTrusted,
        Self::GuardTable,
        Self::GuardConfig,
        Self::GuardSecondAddress,
        Self::GuardName,
        Self::GuardGame,
    ];

    /// Returns the word for it, as stored, chained and sent to the page. Never change one.
    pub const fn word(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::SignedIn => "signed_in",
            Self::NewDevice => "new_device",
            Self::SignInFailed => "sign_in_failed",
            Self::SessionsEnded => "sessions_ended",
            Self::PasswordChanged => "password_changed",
            Self::TwoStepOn => "two_step_on",
            Self::TwoStepOff => "two_step_off",
            Self::RecoveryKeyMade => "recovery_key_made",
            Self::RecoveryKeyUsed => "recovery_key_used",
            Self::AccountReset => "account_reset",
            Self::RootChanged => "root_changed",
            Self::Restored => "restored",
            Self::ReplacedErased => "replaced_erased",
            Self::Invited => "invited",
            Self::GuardianInvited => "guardian_invited",
            Self::InviteWithdrawn => "invite_withdrawn",
            Self::InviteAccepted => "invite_accepted",
            Self::LinkRenewed => "link_renewed",
            Self::AccountChanged => "account_changed",
            Self::AccountBlocked => "account_blocked",
            Self::AccountUnblocked => "account_unblocked",
            Self::AccountRemoved => "account_removed",
            Self::AccountErased => "account_erased",
            Self::ChildAdded => "child_added",
            Self::ChildChanged => "child_changed",
            Self::RulesChanged => "rules_changed",
            Self::ChildErased => "child_erased",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Shared => "shared",
            Self::Unshared => "unshared",
            Self::Kept => "kept",
            Self::Unkept => "unkept",
            Self::NoteWritten => "note_written",
            Self::NoteChanged => "note_changed",
            Self::NoteRemoved => "note_removed",
            Self::Erased => "erased",
            Self::TimeOver => "time_over",
            Self::KeysChanging => "keys_changing",
            Self::KeysChanged => "keys_changed",
            Self::HubStolen => "hub_stolen",
            Self::MeterMade => "meter_made",
            Self::MeterRevoked => "meter_revoked",
            Self::ToyAdopted => "toy_adopted",
            Self::ToyRenamed => "toy_renamed",
            Self::ToyGiven => "toy_given",
            Self::SlotSilenced => "slot_silenced",
            Self::ToyRetired => "toy_retired",
            Self::ToyLetGo => "toy_let_go",
            Self::ToyTrusted => "toy_trusted",
            Self::GuardTable => "guard_table",
            Self::GuardConfig => "guard_config",
            Self::GuardSecondAddress => "guard_second_address",
            Self::GuardName => "guard_name",
            Self::GuardGame => "guard_game",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_deed_has_a_word_of_its_own() {
        let words: HashSet<_> = Deed::ALL.iter().map(|deed| deed.word()).collect();

        assert_eq!(words.len(), Deed::ALL.len());
        assert!(words.iter().all(|word| word.len() <= 32));
    }
}
