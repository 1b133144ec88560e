//! Reads Rust source as far as the architecture rules need: which paths does a file name, and from
//! which module. A tokenizer and a use-tree reader, no parser: what a macro makes is not seen, what
//! is written inside a macro call is.

use std::collections::HashMap;

/// A piece of source without comments and white space.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) line: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// An identifier or keyword.
    Word,
    /// A number, character or string, as written.
    Literal,
    /// `::` or one character.
    Mark,
}

/// A path that the source names, resolved as far as the file alone tells: `crate::…` for our own
/// modules, else as written with the file's imports applied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Named {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    /// Whether it is a `pub use`, which hands it on under another path.
    pub(super) exported: bool,
}

/// One source file, without what only tests see.
pub(super) struct Source {
    pub(super) tokens: Vec<Token>,
    pub(super) named: Vec<Named>,
    /// Modules in other files that only tests see.
    pub(super) test_modules: Vec<Vec<String>>,
}

/// Returns the module of a file below `src/`, without `crate`.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let path = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let mut module: Vec<String> = path.split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

impl Source {
    pub(super) fn read(file: &str, text: &str) -> Self {
        let module = module_of(file);
        let (tokens, test_modules) = without_tests(&tokens(text), &module);
        let named = Reader::new(&tokens, module).read();
        Self { tokens, named, test_modules }
    }
}

/// Splits source into tokens; comments and lifetimes are gone.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    let mut line = 1;
    while at < chars.len() {
        let start = at;
        let kind = match chars[at] {
            c if c.is_whitespace() => {
                at += 1;
                None
            }
            '/' if chars.get(at + 1) == Some(&'/') => {
                at = find(&chars, at, |rest| rest[0] == '\n');
                None
            }
            '/' if chars.get(at + 1) == Some(&'*') => {
                at = end_of_comment(&chars, at);
                None
            }
            '"' => {
                at = end_of_string(&chars, at);
                Some(Kind::Literal)
            }
            '\'' if is_lifetime(&chars, at) => {
                at = find(&chars, at + 1, |rest| !is_word(rest[0]));
                None
            }
            '\'' => {
                let escape = usize::from(chars.get(at + 1) == Some(&'\\'));
                at = (find(&chars, at + 2 + escape, |rest| rest[0] == '\'') + 1).min(chars.len());
                Some(Kind::Literal)
            }
            c if c.is_ascii_digit() => {
                at = find(&chars, at, |rest| !is_word(rest[0]));
                Some(Kind::Literal)
            }
            c if is_word(c) => {
                at = find(&chars, at, |rest| !is_word(rest[0]));
                let word: String = chars[start..at].iter().collect();
                match (word.as_str(), chars.get(at)) {
                    ("b" | "c", Some('"')) => {
                        at = end_of_string(&chars, at);
                        Some(Kind::Literal)
                    }
                    ("b", Some('\'')) => {
                        let escape = usize::from(chars.get(at + 1) == Some(&'\\'));
                        at = (find(&chars, at + 2 + escape, |r| r[0] == '\'') + 1).min(chars.len());
                        Some(Kind::Literal)
                    }
                    ("r" | "br" | "cr", Some('"' | '#')) => {
                        let end = end_of_raw(&chars, at);
                        // `r#type` is the word `type`: the next round reads it.
                        at = end.unwrap_or(at + 1);
                        end.map(|_| Kind::Literal)
                    }
                    _ => Some(Kind::Word),
                }
            }
            ':' if chars.get(at + 1) == Some(&':') => {
                at += 2;
                Some(Kind::Mark)
            }
            _ => {
                at += 1;
                Some(Kind::Mark)
            }
        };
        let piece = &chars[start..at];
        if let Some(kind) = kind {
            found.push(Token { kind, text: piece.iter().collect(), line });
        }
        line += piece.iter().filter(|c| **c == '\n').count();
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_lifetime(chars: &[char], at: usize) -> bool {
    let name = chars.get(at + 1).copied().unwrap_or(' ');
    (name.is_alphabetic() || name == '_') && chars.get(at + 2) != Some(&'\'')
}

/// Returns the first position from `at` on where `is_end` holds for the rest, or the end.
fn find(chars: &[char], at: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (at..chars.len()).find(|i| is_end(&chars[*i..])).unwrap_or(chars.len())
}

fn end_of_comment(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => {
                depth += 1;
                at += 2;
            }
            ('*', Some('/')) => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => at += 1,
        }
    }
    at.min(chars.len())
}

fn end_of_string(chars: &[char], quote: usize) -> usize {
    let mut at = quote + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// Returns the end of `#"…"#` with any number of `#`, unless this is no raw string.
fn end_of_raw(chars: &[char], start: usize) -> Option<usize> {
    let n_hashes = chars[start..].iter().take_while(|c| **c == '#').count();
    let open = start + n_hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let close = find(chars, open + 1, |rest| {
        rest[0] == '"'
            && rest.len() > n_hashes
            && rest[1..=n_hashes].iter().all(|hash| *hash == '#')
    });
    Some((close + 1 + n_hashes).min(chars.len()))
}

/// Drops the items under `#[cfg(test)]`; returns which modules in other files those were.
fn without_tests(tokens: &[Token], module: &[String]) -> (Vec<Token>, Vec<Vec<String>>) {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let is_test = |at: usize| {
        ATTRIBUTE
            .iter()
            .enumerate()
            .all(|(i, text)| tokens.get(at + i).is_some_and(|t| t.text == *text))
    };
    let mut kept = Vec::new();
    let mut modules = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if !is_test(at) {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        let end = end_of_item(tokens, at + ATTRIBUTE.len());
        let item = &tokens[at..end];
        if item.last().is_some_and(|last| last.text == ";")
            && let Some(keyword) = item.iter().position(|t| t.text == "mod")
        {
            let name = item[keyword + 1].text.clone();
            modules.push(module.iter().cloned().chain([name]).collect());
        }
        at = end;
    }
    (kept, modules)
}

/// Returns the position after the item that starts here: after its `;` or its last brace.
fn end_of_item(tokens: &[Token], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.text.as_str() {
            "{" | "(" | "[" if token.kind == Kind::Mark => depth += 1,
            "}" | ")" | "]" if token.kind == Kind::Mark => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Collects the paths of one file.
struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// The module of the file, then the inline modules around this position.
    module: Vec<String>,
    /// For each inline module the brace depth outside it.
    inline: Vec<usize>,
    depth: usize,
    /// Per module: what a name stands for.
    bound: HashMap<(Vec<String>, String), Vec<String>>,
    /// As written, with the module they stand in.
    raw: Vec<(Vec<String>, Named)>,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token], module: Vec<String>) -> Self {
        let (bound, raw) = (HashMap::new(), Vec::new());
        Self { tokens, at: 0, module, inline: Vec::new(), depth: 0, bound, raw }
    }

    fn text(&self, offset: usize) -> &'a str {
        self.tokens.get(self.at + offset).map_or("", |token| token.text.as_str())
    }

    fn is_word(&self, offset: usize) -> bool {
        self.tokens.get(self.at + offset).is_some_and(|token| token.kind == Kind::Word)
    }

    fn read(mut self) -> Vec<Named> {
        while self.at < self.tokens.len() {
            match self.text(0) {
                "mod" if self.is_word(0) && self.is_word(1) => self.module_item(),
                "use" if self.is_word(0) && self.text(1) != "<" => self.use_item(),
                "{" => {
                    self.depth += 1;
                    self.at += 1;
                }
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.inline.last() == Some(&self.depth) {
                        self.inline.pop();
                        self.module.pop();
                    }
                    self.at += 1;
                }
                _ if self.is_word(0) => self.inline_path(),
                _ => self.at += 1,
            }
        }
        // Imports may stand after their use and build on one another.
        let bound = self.bound;
        self.raw
            .into_iter()
            .map(|(module, named)| {
                let mut path = named.path;
                for _ in 0..3 {
                    path = resolve(&path, &module, &bound);
                }
                Named { path, ..named }
            })
            .collect()
    }

    fn module_item(&mut self) {
        let name = self.text(1).to_owned();
        let mut path = vec!["crate".to_owned()];
        path.extend(self.module.iter().cloned());
        path.push(name.clone());
        self.bound.insert((self.module.clone(), name.clone()), path);
        if self.text(2) == "{" {
            self.inline.push(self.depth);
            self.module.push(name);
            self.depth += 1;
        }
        self.at += 3;
    }

    fn use_item(&mut self) {
        // `pub use` and `pub(super) use` alike hand the name on.
        let exported = self.at.checked_sub(1).is_some_and(|before| {
            let text = self.tokens[before].text.as_str();
            text == "pub" || text == ")"
        });
        self.at += 1;
        self.use_tree(&[], exported);
    }

    /// Reads one tree and stands on what follows it.
    fn use_tree(&mut self, prefix: &[String], exported: bool) {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        if self.text(0) == "::" {
            self.at += 1;
        }
        loop {
            match self.text(0) {
                "{" => {
                    self.at += 1;
                    while !matches!(self.text(0), "}" | ";" | "") {
                        self.use_tree(&path, exported);
                        if self.text(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += usize::from(self.text(0) == "}");
                    return;
                }
                "*" => {
                    self.at += 1;
                    break;
                }
                word if self.is_word(0) => {
                    // `seal::{self}` names `seal`.
                    if word != "self" || path.is_empty() {
                        path.push(word.to_owned());
                    }
                    self.at += 1;
                }
                _ => break,
            }
            if self.text(0) != "::" {
                break;
            }
            self.at += 1;
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if self.text(0) == "as" {
            self.text(1).clone_into(&mut name);
            self.at += 2;
        }
        // A stray token would otherwise be read for ever.
        if !matches!(self.text(0), "," | "}" | ";" | "") {
            self.at += 1;
        }
        if path.len() != 1 || path[0] != name {
            self.bound.insert((self.module.clone(), name), path.clone());
        }
        self.raw.push((self.module.clone(), Named { path, line, exported }));
    }

    fn inline_path(&mut self) {
        let line = self.tokens[self.at].line;
        let is_member =
            self.at.checked_sub(1).is_some_and(|before| self.tokens[before].text == ".");
        let mut path = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && self.is_word(1) {
            path.push(self.text(1).to_owned());
            self.at += 2;
        }
        if 1 < path.len() && !is_member {
            self.raw.push((self.module.clone(), Named { path, line, exported: false }));
        }
    }
}

/// Applies `crate`, `self`, `super` and the imports of this module to the head of a path.
fn resolve(
    path: &[String],
    module: &[String],
    bound: &HashMap<(Vec<String>, String), Vec<String>>,
) -> Vec<String> {
    let Some((head, rest)) = path.split_first() else {
        return Vec::new();
    };
    let absolute = |base: &[String], rest: &[String]| {
        ["crate".to_owned()].iter().chain(base).chain(rest).cloned().collect::<Vec<_>>()
    };
    match head.as_str() {
        "crate" => path.to_vec(),
        // The program names its own library so.
        "hutch" => absolute(&[], rest),
        "self" => absolute(module, rest),
        "super" => {
            let n_supers = path.iter().take_while(|segment| *segment == "super").count();
            let base = &module[..module.len().saturating_sub(n_supers)];
            absolute(base, &path[n_supers..])
        }
        _ => match bound.get(&(module.to_vec(), head.clone())) {
            // `use opus;` beside `mod opus;` and the like: nothing to learn.
            Some(full) if full.first() != Some(head) => full.iter().chain(rest).cloned().collect(),
            _ => path.to_vec(),
        },
    }
}
