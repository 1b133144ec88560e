//! What an account may do, and what a relative is to a child.

/// What an account is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Role {
    /// Runs the household.
    Guardian,
    /// Writes to and hears from the children granted to it.
    Relative,
    /// A tablet or old telephone, bound to one child.
    ChildScreen,
}

impl Role {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Guardian, Self::Relative, Self::ChildScreen];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Guardian => "guardian",
            Self::Relative => "relative",
            Self::ChildScreen => "child_screen",
        }
    }

    /// Returns the role with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// What a relative is to a child.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[allow(missing_docs, reason = "the names are all there is to say")]
pub enum Relation {
    Mother,
    Father,
    Grandmother,
    Grandfather,
    Aunt,
    Uncle,
    Cousin,
    Sibling,
    Godparent,
    Friend,
    Other,
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Mother,
        Self::Father,
        Self::Grandmother,
        Self::Grandfather,
        Self::Aunt,
        Self::Uncle,
        Self::Cousin,
        Self::Sibling,
        Self::Godparent,
        Self::Friend,
        Self::Other,
    ];

    /// Returns the word for it, as stored and as sent to the page.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mother => "mother",
            Self::Father => "father",
            Self::Grandmother => "grandmother",
            Self::Grandfather => "grandfather",
            Self::Aunt => "aunt",
            Self::Uncle => "uncle",
            Self::Cousin => "cousin",
            Self::Sibling => "sibling",
            Self::Godparent => "godparent",
            Self::Friend => "friend",
            Self::Other => "other",
        }
    }

    /// Returns the relation with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relation| relation.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.word()), Some(role));
        }
        for relation in Relation::ALL {
            assert_eq!(Relation::from_word(relation.word()), Some(relation));
        }
        assert_eq!(Role::from_word("owner"), None);
        assert_eq!(Relation::from_word(""), None);
    }
}
