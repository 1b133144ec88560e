//! What sort of browser asks, in words that its owner recognizes.
//!
//! Browsers say far more in `User-Agent`, most of it for show; no more than this is kept.

/// Browsers by what only they say; the first that fits wins, because most also say "Chrome" or
/// "Safari".
const BROWSERS: [(&str, &str); 10] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Silk/", "Silk"),
    ("Vivaldi", "Vivaldi"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];

/// Systems likewise; iPads say "Macintosh", which nothing here can tell apart.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
    ("FreeBSD", "FreeBSD"),
];

/// Returns words such as "Firefox on Android".
pub(super) fn describe(agent: &str) -> String {
    let find = |list: &[(&str, &'static str)]| {
        list.iter().find(|(said, _)| agent.contains(said)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "A browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_people_would_say() {
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0";
        for (agent, words) in [
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0",
                "Firefox on Android",
            ),
            (&format!("Mozilla/5.0 (X11; Linux x86_64) {chrome} Safari/537.36"), "Chrome on Linux"),
            (
                &format!("Mozilla/5.0 (Windows NT 10.0) {chrome} Safari/537.36 Edg/140.0"),
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.14", "A browser"),
            ("<script>alert(1)</script> Firefox", "Firefox"),
            ("", "A browser"),
        ] {
            assert_eq!(describe(agent), words);
        }
    }
}
