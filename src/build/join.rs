//! Joins what a first view is made of: a browser that asks for seventy small modules has seventy errands before it can
//! draw, and on a slow device each costs milliseconds.
//!
//! Each module becomes a function of a joined file that runs once, when something imports it, as modules do. Under its
//! own name a module is then a short one that hands out what the joined one has, so that whatever comes later imports
//! it as it was written, and there is one of each. Only the forms of `import` and `export` that these modules use are
//! known here; any other ends the build.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

/// A joined file.
struct Group {
    /// The path it is served at.
    address: &'static str,
    /// What it calls its modules by; no module has such a name itself.
    table: &'static str,
    /// What it is joined for; whatever these import before they run comes along, unless an earlier one has it.
    roots: &'static [&'static str],
}

const GROUPS: [Group; 2] = [
    // What stands before anything was asked for.
    Group { address: "/js/first.js", table: "$first", roots: &["/js/main.js", "/js/page.js"] },
    // A conversation, which stands beside the list where there is room.
    Group { address: "/js/talk.js", table: "$talk", roots: &["/js/views/conversation.js"] },
];
/// What runs by itself, in the first file.
const START: &str = "/js/main.js";

/// Where the joined sheets are, and those that come later.
const FIRST_SHEET: &str = "/css/first.css";
const LATER_SHEET: &str = "/css/later.css";
/// Where a conversation stands beside the list (`page.js`).
const WIDE: &str = "(min-width: 900px)";
/// What is for paper comes by itself: it is needed last.
const PAPER: &str = "media=\"print\"";

/// What is served instead of modules, by path: the joined files, and what stands under the names of their modules.
pub(crate) struct Joined {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) stubs: BTreeMap<String, String>,
}

/// One module, as a joined file has it.
struct Module {
    /// What it imports before it runs, by path.
    needs: BTreeSet<String>,
    body: String,
    exports: Vec<String>,
}

/// Joins modules; `written` has the text of each by its path.
pub(crate) fn modules(written: &BTreeMap<String, String>) -> Result<Joined, String> {
    let mut members = BTreeMap::new();
    let mut places: BTreeMap<String, &Group> = BTreeMap::new();
    for group in &GROUPS {
        let mut open: Vec<String> = group.roots.iter().map(|&root| root.to_owned()).collect();
        while let Some(path) = open.pop() {
            if places.contains_key(&path) {
                continue;
            }
            let text =
                written.get(&path).ok_or_else(|| format!("{path} is imported and not there"))?;
            let module = read(&path, text)?;
            open.extend(module.needs.iter().cloned());
            members.insert(path.clone(), module);
            places.insert(path, group);
        }
    }
    refuse_circles(&members)?;

    let mut joined = Joined { files: BTreeMap::new(), stubs: BTreeMap::new() };
    for (n, Group { address, table, .. }) in GROUPS.iter().enumerate() {
        let mut file = String::new();
        for Group { address, table, .. } in GROUPS.iter().take(n) {
            let _ = writeln!(file, "import {{ {table} }} from \"{address}\";");
        }
        let _ = write!(
            file,
            "const once = (run) => {{ let made; return () => (made ??= run()); }};\nexport const {table} = {{\n"
        );
        for (path, module) in members
            .iter()
            .filter(|(path, _)| places.get(*path).is_some_and(|place| place.address == *address))
        {
            let body = with_calls(module, &places);
            let names = module.exports.join(", ");
            // In parentheses: it will run, so a browser need not look at it twice.
            let _ = write!(
                file,
                "\"{path}\": once((function () {{\n{body}return {{ {names} }};\n}})),\n"
            );
            let hands = if names.is_empty() {
                String::new()
            } else {
                format!("export const {{ {names} }} = ")
            };
            let stub = format!(
                "import {{ {table} }} from \"{address}\";\n{hands}{table}[\"{path}\"]();\n"
            );
            joined.stubs.insert(path.clone(), stub);
        }
        file.push_str("};\n");
        if n == 0 {
            let _ = writeln!(file, "{table}[\"{START}\"]();");
        }
        joined.files.insert((*address).to_owned(), file);
    }
    Ok(joined)
}

/// Returns what a module does, with calls for what it imports.
fn with_calls(module: &Module, places: &BTreeMap<String, &Group>) -> String {
    let mut body = module.body.clone();
    for need in &module.needs {
        let Some(place) = places.get(need) else { continue };
        let call = format!("{}[\"{need}\"]()", place.table);
        body = body.replace(&format!("from \"{need}\";"), &format!("= {call};"));
    }
    // What is asked for later may be here already, or come with others.
    for (path, Group { address, table, .. }) in places {
        let later = format!("import(\"{path}\")");
        if body.contains(&later) {
            let call =
                format!("import(\"{address}\").then(({{ {table} }}) => {table}[\"{path}\"]())");
            body = body.replace(&later, &call);
        }
    }
    body
}

/// The document that names what was joined, and the joined sheets by their paths.
pub(crate) struct Document {
    pub(crate) document: String,
    pub(crate) sheets: BTreeMap<&'static str, String>,
}

/// Joins the sheets of a document, those that are disabled by themselves, and has it name the joined modules instead
/// of the ones that were joined. `take` returns a sheet by its path.
pub(crate) fn document<T>(
    text: &str,
    joined: &BTreeMap<String, T>,
    mut take: impl FnMut(&str) -> Result<String, String>,
) -> Result<Document, String> {
    let mut document = String::with_capacity(text.len());
    let mut sheets: BTreeMap<&'static str, String> = BTreeMap::new();
    for line in text.lines() {
        let link = |kind: &str| {
            let (path, more) = line.trim().strip_prefix(kind)?.split_once('"')?;
            Some((path, more))
        };
        if let Some((path, more)) =
            link("<link rel=\"stylesheet\" href=\"").filter(|(_, more)| !more.contains(PAPER))
        {
            let is_later = more.contains("disabled");
            let to = if is_later { LATER_SHEET } else { FIRST_SHEET };
            if !sheets.contains_key(to) {
                let _ = writeln!(
                    document,
                    "  <link rel=\"stylesheet\" href=\"{to}\"{}>",
                    if is_later { " disabled" } else { "" }
                );
            }
            sheets.entry(to).or_default().push_str(&take(path)?);
            continue;
        }
        if link("<link rel=\"modulepreload\" href=\"")
            .is_some_and(|(path, _)| joined.contains_key(path))
        {
            continue;
        }
        let script =
            link("<script type=\"module\" src=\"").filter(|(path, _)| joined.contains_key(*path));
        if let Some((_, more)) = script {
            let [first, talk] = GROUPS.each_ref().map(|group| group.address);
            let _ = writeln!(
                document,
                "  <link rel=\"modulepreload\" href=\"{talk}\" media=\"{WIDE}\">\n  <script type=\"module\" src=\"{first}\"{more}"
            );
        } else {
            document.push_str(line);
            document.push('\n');
        }
    }
    Ok(Document { document, sheets })
}

/// Modules that import one another in a circle begin before what they need has run.
fn refuse_circles(members: &BTreeMap<String, Module>) -> Result<(), String> {
    let mut left: BTreeSet<&str> = members.keys().map(String::as_str).collect();
    loop {
        let free: Vec<&str> = left
            .iter()
            .copied()
            .filter(|path| {
                members
                    .get(*path)
                    .is_some_and(|one| one.needs.iter().all(|need| !left.contains(need.as_str())))
            })
            .collect();
        if free.is_empty() {
            break;
        }
        for path in free {
            left.remove(path);
        }
    }
    if left.is_empty() {
        Ok(())
    } else {
        Err(format!("these import one another in a circle: {left:?}"))
    }
}

/// Takes a module apart.
fn read(path: &str, text: &str) -> Result<Module, String> {
    let mut module = Module { needs: BTreeSet::new(), body: String::new(), exports: Vec::new() };
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("import ") {
            let mut statement = line.to_owned();
            let mut n_lines = 1;
            while !statement.ends_with(';') {
                let more = lines.next().ok_or_else(|| format!("{path}: an import does not end"))?;
                statement.push(' ');
                statement.push_str(more.trim());
                n_lines += 1;
            }
            let (names, from) = imported(&statement)
                .ok_or_else(|| format!("{path}: not known here: {statement}"))?;
            let need = resolve(path, from);
            // Whose it is shows later.
            let _ = write!(module.body, "const {names} from \"{need}\";");
            module.body.push_str(&"\n".repeat(n_lines));
            module.needs.insert(need);
        } else if let Some(rest) = line.strip_prefix("export ") {
            let name = exported(rest).ok_or_else(|| format!("{path}: not known here: {line}"))?;
            module.exports.push(name.to_owned());
            module.body.push_str(&with_absolute_imports(path, rest));
            module.body.push('\n');
        } else {
            module.body.push_str(&with_absolute_imports(path, line));
            module.body.push('\n');
        }
    }
    Ok(module)
}

/// Returns the pattern that takes the names of `import … from "…";` out of what a module hands out, and from where.
fn imported(statement: &str) -> Option<(String, &str)> {
    let (names, from) = statement.strip_prefix("import ")?.split_once(" from \"")?;
    let from = from.strip_suffix("\";")?;
    if let Some(whole) = names.strip_prefix("* as ") {
        return Some((whole.to_owned(), from));
    }
    let list = names.strip_prefix('{')?.strip_suffix('}')?;
    Some((format!("{{{}}}", list.replace(" as ", ": ")), from))
}

/// Returns the one name that a declaration behind `export` gives.
fn exported(declaration: &str) -> Option<&str> {
    let rest = ["async function ", "function ", "class ", "const "]
        .iter()
        .find_map(|kind| declaration.strip_prefix(kind))?;
    let end =
        rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_$".contains(letter)))?;
    rest.get(..end).filter(|name| !name.is_empty())
}

/// What is asked for later is named from where the module stood.
fn with_absolute_imports(path: &str, line: &str) -> String {
    let mut made = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("import(\"") {
        made.push_str(before);
        made.push_str("import(\"");
        let (to, after) = after.split_once('"').unwrap_or((after, ""));
        made.push_str(&resolve(path, to));
        made.push('"');
        rest = after;
    }
    made.push_str(rest);
    made
}

/// Returns the absolute path of what `path` calls `to`.
fn resolve(path: &str, to: &str) -> String {
    if to.starts_with('/') {
        return to.to_owned();
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
