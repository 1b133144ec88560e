//! The household's root as iPhones and iPads install it: a configuration profile.
//!
//! Everything that names the profile follows from the root, so that a device which gets it twice has it
//! once, and two households' profiles lie side by side.

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256};

/// Returns the profile that installs this root.
pub(super) fn of(root: &[u8]) -> String {
    let base64 = BASE64.encode(root);
    let number = HEXLOWER.encode(Sha256::digest(root).first_chunk::<4>().unwrap_or(&[0; 4]));
    let (profile, certificate) = (uuid("profile", root), uuid("certificate", root));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadType</key>
  <string>Configuration</string>
  <key>PayloadVersion</key>
  <integer>1</integer>
  <key>PayloadIdentifier</key>
  <string>hutch.home.{number}</string>
  <key>PayloadUUID</key>
  <string>{profile}</string>
  <key>PayloadDisplayName</key>
  <string>Hutch at home</string>
  <key>PayloadDescription</key>
  <string>Lets this device recognize the Hutch of your home. It can vouch for home networks alone, and for the name that your hub has.</string>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>PayloadType</key>
      <string>com.apple.security.root</string>
      <key>PayloadVersion</key>
      <integer>1</integer>
      <key>PayloadIdentifier</key>
      <string>hutch.home.{number}.root</string>
      <key>PayloadUUID</key>
      <string>{certificate}</string>
      <key>PayloadDisplayName</key>
      <string>Root of your home</string>
      <key>PayloadCertificateFileName</key>
      <string>hutch-root.crt</string>
      <key>PayloadContent</key>
      <data>{base64}</data>
    </dict>
  </array>
</dict>
</plist>
"#
    )
}

/// Returns the UUID of a part of the profile: version 8 (RFC 9562, 5.8), which says that the other bits
/// come from somewhere of one's own.
fn uuid(part: &str, root: &[u8]) -> String {
    let digest = Sha256::new().chain_update(part).chain_update(root).finalize();
    let mut bytes = *digest.first_chunk::<16>().unwrap_or(&[0; 16]);
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = 0x80 | (*version & 0x0F);
    *variant = 0x80 | (*variant & 0x3F);
    let text = HEXLOWER.encode(&bytes).to_ascii_uppercase();
    let mut parts = Vec::new();
    let mut rest = text.as_str();
    for length in [8, 4, 4, 4] {
        let (part, behind) = rest.split_at(length);
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_root_alone() {
        let (one, other) = (of(b"one root"), of(b"another root"));
        let names = |profile: &str| -> Vec<String> {
            let named =
                profile.lines().filter(|line| line.contains('-') || line.contains("hutch.home"));
            named
                .map(|line| line.trim().to_owned())
                .filter(|line| line.starts_with("<string>"))
                .collect()
        };

        assert_eq!(of(b"one root"), one);
        let (one, other) = (names(&one), names(&other));
        assert!(4 <= one.len(), "{one:?}");
        let shared: Vec<_> = one.iter().filter(|name| other.contains(name)).collect();
        assert_eq!(shared, ["<string>hutch-root.crt</string>"]);
    }

    #[test]
    fn identifiers_are_of_the_kind_that_is_made_up() {
        for part in ["profile", "certificate"] {
            let id = uuid(part, b"some root");

            let lengths: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'8', "{id}");
            assert!(b"89AB".contains(&id.as_bytes()[19]), "{id}");
        }
    }
}
