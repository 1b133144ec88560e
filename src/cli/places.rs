//! Where the page is, for people at a terminal.

use anyhow::Context as _;
use qrcode::{QrCode, render::unicode::Dense1x2};

/// Returns a text as a code for a camera: what is light in it is written, since a terminal writes light on
/// dark. Some cameras cannot read a code in reverse.
pub(super) fn for_camera(text: &str) -> anyhow::Result<String> {
    let code = QrCode::new(text).context("drawing the code")?;
    let mut drawing = code.render::<Dense1x2>();
    drawing.dark_color(Dense1x2::Light).light_color(Dense1x2::Dark);
    Ok(drawing.quiet_zone(true).build())
}

/// Returns the addresses of the page, one on a line.
pub(super) fn listed(places: &[String]) -> String {
    places.iter().flat_map(|place| ["    ", place, "\n"]).collect()
}

/// Returns the address that a phone's camera is shown: one without a name, which every phone finds;
/// nothing for a page that only this computer can open.
pub(super) fn of_phones(places: &[String]) -> Option<&str> {
    let (first, others) = places.split_first()?;
    let is_here = first.starts_with("https://localhost") || first.starts_with("https://127.");
    (!is_here).then(|| others.first().unwrap_or(first).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_camera_is_shown_is_a_code_with_its_margin() {
        let code = for_camera("https://192.168.1.20:8443").unwrap();

        // 25 characters are the second version's, of 25 modules; two to a line, four around.
        let lines: Vec<&str> = code.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() == 25 + 2 * 4), "{code}");
        assert_eq!(lines.len(), (25_usize + 2 * 4).div_ceil(2));
        assert!(lines[..2].concat().chars().all(|one| one == '█'), "light all around: {code}");
    }

    #[test]
    fn a_phone_is_shown_an_address_that_it_can_open() {
        let of = |places: &[&str]| {
            let places: Vec<String> = places.iter().map(|place| (*place).to_owned()).collect();
            of_phones(&places).map(str::to_owned)
        };

        let at_home = ["https://hutch.local:8443", "https://192.168.1.20:8443"];
        assert_eq!(of(&at_home).as_deref(), Some("https://192.168.1.20:8443"));
        assert_eq!(of(&at_home[..1]).as_deref(), Some("https://hutch.local:8443"));
        assert_eq!(of(&["https://localhost:8443", "https://127.0.0.1:8443"]), None);
        assert_eq!(of(&["https://127.0.0.3:8443"]), None);
        assert_eq!(of(&[]), None);
    }
}
