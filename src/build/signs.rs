//! Draws all signs in one picture: a browser makes a document of each picture that it shows, which on a slow device
//! takes as long as the rest of what a sign needs.

use std::fmt::Write as _;

/// Where the picture is.
pub(crate) const PICTURE: &str = "/img/signs.svg";

/// A sign's side, in the units of the picture, and what is free below each, so that no sign shows a line of the next.
const SIDE: u32 = 48;
const FREE: u32 = 12;

const HEAD: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"";

/// The sheet of the signs as it is served, the picture, and whose place that took.
pub(crate) struct Signs {
    pub(crate) sheet: String,
    pub(crate) picture: String,
    pub(crate) taken: Vec<String>,
}

/// Gathers the signs of a sheet, whose rules have a line each: `.icon-…` and the picture that is its mask. `drawing`
/// returns the text of a picture by its path.
pub(crate) fn gather(
    sheet: &str,
    mut drawing: impl FnMut(&str) -> Result<String, String>,
) -> Result<Signs, String> {
    let taken: Vec<String> =
        sheet.lines().filter_map(sign).map(|(_, path)| path.to_owned()).collect();
    let step = SIDE + FREE;
    let n_signs = u32::try_from(taken.len()).map_err(|error| error.to_string())?;
    let tall = (n_signs * step).saturating_sub(FREE);
    if tall <= SIDE {
        return Err("there are no signs to gather".to_owned());
    }
    let mut made = Signs { sheet: String::new(), picture: String::new(), taken };
    let _ = write!(made.picture, "{HEAD} viewBox=\"0 0 {SIDE} {tall}\">");
    let mut top = 0;
    for line in sheet.lines() {
        let Some((selector, path)) = sign(line) else {
            made.sheet.push_str(line);
            made.sheet.push('\n');
            continue;
        };
        let text = drawing(path)?;
        let rest = text
            .trim()
            .strip_prefix(HEAD)
            .ok_or_else(|| format!("{path} does not begin as a sign does"))?;
        let _ = write!(made.picture, "<svg y=\"{top}\" width=\"{SIDE}\" height=\"{SIDE}\"{rest}");
        let at = 100.0 * f64::from(top) / f64::from(tall - SIDE);
        let size = 100.0 * f64::from(tall) / f64::from(SIDE);
        let mask = format!("url(\"{PICTURE}\") 0 {at:.4}% / 100% {size}% no-repeat");
        let _ = writeln!(made.sheet, "{selector} {{ -webkit-mask: {mask}; mask: {mask}; }}");
        top += step;
    }
    made.picture.push_str("</svg>\n");
    Ok(made)
}

/// Returns the selector and the picture's path of a sign's rule.
fn sign(line: &str) -> Option<(&str, &str)> {
    let (selector, rule) = line.split_once(" { -webkit-mask-image: url(\"")?;
    let (path, _) = rule.split_once('"')?;
    selector.starts_with(".icon-").then_some((selector, path))
}
