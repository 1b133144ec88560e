//! The table of ASVS requirements in `.github/SECURITY.md`: whole, in order, and every test that it
//! names is there.

use std::{fs, path::Path};

/// How many requirements of level 1 and 2 there are in each chapter of OWASP ASVS 5.0.0, V1 to V17.
///
/// Counted in `5.0/docs_en/OWASP_Application_Security_Verification_Standard_5.0.0_en.csv` of
/// <https://github.com/OWASP/ASVS>, by the column `L`.
const CHAPTERS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

/// All of these, by the same source: 70 of level 1 and 183 of level 2.
const N_REQUIREMENTS: usize = 70 + 183;

/// How each of these tables begins.
const HEAD: &str = "| id | requirement | applies? | where it is tested, or why not |";

/// What may stand in the column "applies?".
const APPLIES: [&str; 4] = ["yes", "partly", "not yet", "no"];

type Id = [usize; 3];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(root().join(".github/SECURITY.md")).unwrap()
}

/// Returns the rows of the tables with their line numbers.
fn rows(text: &str) -> Vec<(usize, &str)> {
    let mut is_table = false;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let is_head = line == HEAD;
        if is_table && line.starts_with('|') && !line.starts_with("|--") && !is_head {
            found.push((at + 1, line));
        }
        is_table = is_head || (is_table && line.starts_with('|'));
    }
    found
}

fn cells(row: &str) -> Vec<&str> {
    let inside = row.strip_prefix('|').unwrap_or(row);
    let inside = inside.strip_suffix('|').unwrap_or(inside);
    inside.split('|').map(str::trim).collect()
}

/// Reads an identifier such as 6.2.1.
fn id_of(text: &str) -> Option<Id> {
    let numbers: Option<Vec<usize>> = text.split('.').map(|number| number.parse().ok()).collect();
    let id: Id = numbers?.try_into().ok()?;
    let [chapter, section, requirement] = id;
    (format!("{chapter}.{section}.{requirement}") == text).then_some(id)
}

/// Returns what stands in code type; nothing if that does not end.
fn quoted(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split('`').collect();
    (parts.len() % 2 == 1).then(|| parts.into_iter().skip(1).step_by(2).collect())
}

fn holds(file: &str, texts: &[&str]) -> bool {
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    texts.iter().all(|wanted| text.contains(wanted))
}

/// Returns whether there is such a test: `module::path::name` in `src`, or in `tests/it` after
/// `it::`; or `tests/web/file.mjs: title`.
fn is_test(name: &str) -> bool {
    if let Some((file, title)) = name.split_once(": ") {
        let is_of_page = file.starts_with("tests/web/") && !file.contains("..");
        return is_of_page && holds(file, &[&format!("test(\"{title}\"")]);
    }
    let is_path =
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c));
    let Some((module, function)) = name.rsplit_once("::") else { return false };
    let (folder, module) =
        module.strip_prefix("it::").map_or(("src", module), |inside| ("tests/it", inside));
    let file = format!("{folder}/{}", module.replace("::", "/"));
    let function = format!("fn {function}(");
    let is_in_its_file =
        [".rs", "/mod.rs"].iter().any(|end| holds(&format!("{file}{end}"), &[&function]));
    let is_inside_another = file.strip_suffix("/tests").is_some_and(|parent| {
        [".rs", "/mod.rs"]
            .iter()
            .any(|end| holds(&format!("{parent}{end}"), &["mod tests {", &function]))
    });
    is_path && (is_in_its_file || is_inside_another)
}

/// Returns what is wrong with the tables, a sentence each.
fn faults(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut last = None;
    for (line, row) in rows(text) {
        let mut say = |what: &str| found.push(format!("line {line}: {what}"));
        let cells = cells(row);
        let &[id, _requirement, applies, why] = cells.as_slice() else {
            say("a row has four cells");
            continue;
        };
        if cells.iter().any(|cell| cell.is_empty()) {
            say("a cell is empty");
        }
        match id_of(id) {
            None => say(&format!("{id} is no identifier")),
            Some(id) if last.is_some_and(|last| id <= last) => {
                say(&format!("{id:?} stands twice or out of order"));
            }
            id @ Some(_) => last = id,
        }
        if !APPLIES.contains(&applies) {
            say(&format!("{applies:?} is not what may stand in applies?"));
        }
        let Some(names) = quoted(why) else {
            say("code type does not end");
            continue;
        };
        if applies == "yes" && names.is_empty() {
            say("yes, but no test is named");
        }
        for name in names.into_iter().filter(|name| !is_test(name)) {
            say(&format!("there is no test {name}"));
        }
    }
    found
}

#[test]
fn every_row_is_whole_and_every_test_is_there() {
    let found = faults(&document());

    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// How the table of ETSI EN 303 645 begins.
const PROVISIONS: &str = "| provision | how | test |";

#[test]
fn every_provision_names_tests_that_are_there_or_says_that_there_is_none() {
    let document = document();
    let (_, table) = document.split_once(PROVISIONS).unwrap();
    let rows: Vec<_> = table.lines().skip(2).take_while(|line| line.starts_with('|')).collect();

    assert!(25 < rows.len(), "{}", rows.len());
    for row in rows {
        let cells = cells(row);
        let &[provision, how, tests] = cells.as_slice() else { panic!("{row}") };
        assert!(provision.starts_with("5.") && !how.is_empty(), "{row}");
        let names = quoted(tests).unwrap();
        assert_eq!(names.is_empty(), tests.starts_with("none"), "{row}");
        for name in names {
            assert!(is_test(name), "{provision}: there is no test {name}");
        }
    }
}

#[test]
fn every_requirement_has_a_row() {
    let document = document();
    let mut found = [0; CHAPTERS.len()];

    for (line, row) in rows(&document) {
        let id = cells(row).first().and_then(|id| id_of(id));
        let [chapter, ..] = id.unwrap_or_else(|| panic!("line {line} has no identifier"));
        assert!((1..=CHAPTERS.len()).contains(&chapter), "there is no chapter {chapter}");
        found[chapter - 1] += 1;
    }

    assert_eq!(found, CHAPTERS);
    assert_eq!(found.iter().sum::<usize>(), N_REQUIREMENTS);
}

#[test]
fn the_check_finds_what_is_wrong() {
    let own = "`it::security_table::the_check_finds_what_is_wrong`";
    let good = format!("| 1.2.10 | Something | yes | It holds: {own} |");
    let table =
        |rows: &[&str]| format!("{HEAD}\n|---|---|---|---|\n{}\n\nAfter it.", rows.join("\n"));

    assert_eq!(faults(&table(&[&good])), [""; 0]);
    assert_eq!(faults(&table(&["| 1.2.9 | Something | no | There is none |", &good])), [""; 0]);
    for (row, wanted) in [
        (good.as_str(), "twice or out of order"),
        ("| 1.2.9 | Something | no | There is none |", "twice or out of order"),
        ("| 1.3 | Something | no | There is none |", "no identifier"),
        ("| V1.3.1 | Something | no | There is none |", "no identifier"),
        ("| 1.3.1 | Something | no |", "four cells"),
        ("| 1.3.1 |  | no | There is none |", "empty"),
        ("| 1.3.1 | Something | no | |", "empty"),
        ("| 1.3.1 | Something | perhaps | There is none |", "perhaps"),
        ("| 1.3.1 | Something | yes | Believe it |", "no test is named"),
        ("| 1.3.1 | Something | partly | `it::security_table |", "does not end"),
        ("| 1.3.1 | Something | no | `it::security_table::nothing` |", "there is no test"),
        ("| 1.3.1 | Something | yes | `it::keeper::every_requirement_has_a_row` |", "no test"),
        ("| 1.3.1 | Something | yes | `every_requirement_has_a_row` |", "there is no test"),
        ("| 1.3.1 | Something | yes | `tests/web/files.test.mjs: nothing` |", "there is no test"),
        ("| 1.3.1 | Something | yes | `tests/web/none.mjs: nothing points outside` |", "no test"),
    ] {
        let found = faults(&table(&[&good, row]));
        assert!(found.len() == 1 && found[0].contains(wanted), "{row}: {found:?}");
    }
}

#[test]
fn finds_tests_wherever_they_may_stand() {
    for name in [
        "tls::tests::offers_modern_ciphers_and_http_2_first",
        "http::host::tests::answers_to_its_own_names_only",
        "auth::throttle::tests::a_wait_ends_when_it_said",
        "store::tests::working::closing_leaves_one_whole_file",
        "it::relatives::roles::every_route_answers_each_role_as_the_table_says",
        "it::architecture::scanner::knows_the_line",
        "tests/web/files.test.mjs: nothing points outside",
    ] {
        assert!(is_test(name), "{name}");
    }
}
