use proptest::prelude::*;

use super::{layer::Key, *};

const EXAMPLE: &str = include_str!("../../systemd/hutch.toml");

fn from_file(text: &str) -> Result<Layer, String> {
    Layer::from_file(Path::new("hutch.toml"), text.as_bytes()).map_err(|error| error.to_string())
}

#[track_caller]
fn complaint(text: &str) -> String {
    from_file(text).unwrap_err()
}

fn from_variables(variables: &[(&str, &str)]) -> Result<Layer, String> {
    let find = |name: &str| {
        let found = variables.iter().find(|(of, _)| *of == name);
        found.map(|(_, value)| (*value).into())
    };
    Layer::from_variables(find).map_err(|error| error.to_string())
}

fn no_variables(_name: &str) -> Option<OsString> {
    None
}

#[test]
fn the_example_names_every_setting_with_its_default() {
    let is_setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ") && *line != "#";
    let settings: Vec<&str> = EXAMPLE.lines().filter(is_setting).collect();
    let uncommented: Vec<&str> = settings.iter().map(|line| line.trim_start_matches('#')).collect();
    let uncommented = uncommented.join("\n");

    assert_eq!(from_file(EXAMPLE).unwrap(), Layer::default());
    assert_eq!(settings.len(), Key::ALL.len(), "{uncommented}");
    let layer = from_file(&uncommented).unwrap();
    let Layer { state, run, listen, also_from, port, name, log, radio, adapter, backup_to } =
        &layer;
    assert!(state.is_some() && run.is_some() && listen.is_some() && also_from.is_some());
    assert!(
        port.is_some() && name.is_some() && log.is_some() && radio.is_some() && adapter.is_some()
    );
    assert!(backup_to.is_some());
    assert_eq!(Config::from(layer), Config::default());
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hutch.toml");
    std::fs::write(&file, "port = 1\nradio = \"sim\"\nstate = \"/file\"").unwrap();
    let variable = |name: &str| match name {
        "HUTCH_PORT" => Some("2".into()),
        "HUTCH_STATE" => Some("/variable".into()),
        _ => None,
    };
    let flags = Layer { port: Some(3), ..Layer::default() };

    let config = Config::load(Some(&file), variable, flags).unwrap();

    assert_eq!(config.port, 3);
    assert_eq!(config.state, Path::new("/variable"));
    assert_eq!(config.radio, Radio::Sim);
    assert_eq!(config.log, DEFAULT_LOG);
}

#[test]
fn another_state_folder_has_its_run_folder_inside() {
    let run = |text| Config::from(from_file(text).unwrap()).run;

    assert_eq!(run(""), Path::new("/run/hutch"));
    assert_eq!(run("state = \"/var/lib/hutch\""), Path::new("/run/hutch"));
    assert_eq!(run("state = \"/srv/hutch\""), Path::new("/srv/hutch/run"));
    assert_eq!(run("state = \"/srv/hutch\"\nrun = \"/run/h\""), Path::new("/run/h"));
}

#[test]
fn only_a_file_that_was_named_must_exist() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("hutch.toml");

    let error = Config::load(Some(&nowhere), no_variables, Layer::default()).unwrap_err();

    assert!(matches!(error, ConfigError::Unreadable { .. }), "{error}");
    assert!(Config::load(Some(dir.path()), no_variables, Layer::default()).is_err());
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let nearest = [
        ("prot", "port"),
        ("ports", "port"),
        ("State", "state"),
        ("lisen", "listen"),
        ("raido", "radio"),
        ("logs", "log"),
        ("rum", "run"),
    ];
    for (key, nearest) in nearest {
        let expected = format!(
            "hutch.toml, line 3: there is no setting \"{key}\"; did you mean \"{nearest}\"?"
        );
        assert_eq!(complaint(&format!("\n\n{key} = 1")), expected);
    }
    assert!(complaint("[port]\nnumber = 1").starts_with("hutch.toml, line 1: port must be"));
    assert!(complaint("[http]\nport = 1").starts_with("hutch.toml, line 1: there is no setting"));
}

#[test]
fn a_value_that_cannot_be_meant_says_what_is_expected() {
    let cases = [
        ("port = \"8443\"", "port must be a number from 0 to 65535"),
        ("port = 65536", "port must be a number from 0 to 65535"),
        ("port = -1", "port must be a number from 0 to 65535"),
        ("port = 1.5", "port must be a number from 0 to 65535"),
        ("state = \"data\"", "state must be the path of a folder"),
        ("state = 1", "state must be the path of a folder"),
        ("run = \"\"", "run must be the path of a folder"),
        ("listen = []", "listen must be addresses of this computer, such as \"192.168.1.20\""),
        ("listen = \"localhost\"", "listen must be addresses of this computer"),
        ("listen = [\"::1\", \"fe80::1%eth0\"]", "listen must be addresses of this computer"),
        ("listen = [1]", "listen must be addresses of this computer"),
        ("also_from = \"100.64.0.0\"", "also_from must be ranges of addresses, such as"),
        ("also_from = [\"0.0.0.0/0\"]", "also_from must be ranges of addresses, such as"),
        ("also_from = 8", "also_from must be ranges of addresses, such as"),
        ("log = \"loud\"", "log must be a level"),
        ("log = \"hutch=loud\"", "log must be a level"),
        ("radio = \"air\"", "radio must be \"bluez\" (Bluetooth), \"sim\" (two simulated toys) or"),
        ("radio = true", "radio must be \"bluez\""),
        (
            "adapter = \"usb\"",
            "adapter must be \"any\", the name of a Bluetooth adapter (\"hci0\")",
        ),
        ("adapter = \"hci\"", "adapter must be"),
        ("adapter = \"00:11:22:33:44\"", "adapter must be"),
        ("adapter = 0", "adapter must be"),
    ];
    for (text, expected) in cases {
        let found = complaint(&format!("# settings\n{text}\n"));
        assert!(found.starts_with(&format!("hutch.toml, line 2: {expected}")), "{text}: {found}");
    }
}

#[test]
fn the_first_mistake_of_the_file_is_told() {
    assert!(complaint("run = 1\nport = true").contains("line 1: run"));
    assert!(complaint("port = true\nlisten = 1").contains("line 1: port"));
}

#[test]
fn what_is_no_toml_names_the_line() {
    assert!(complaint("port = 1\nport 2").starts_with("hutch.toml, line 2: "));
    assert!(complaint("port = 1\nport = 2").starts_with("hutch.toml, line 2: "));
    let not_text = Layer::from_file(Path::new("hutch.toml"), b"port = \xFF").unwrap_err();
    assert_eq!(not_text.to_string(), "hutch.toml is not text in UTF-8");
}

#[test]
fn variables_have_the_same_names_and_limits() {
    let layer = from_variables(&[
        ("HUTCH_STATE", "/srv/hutch"),
        ("HUTCH_LISTEN", "127.0.0.1, 127.0.0.2"),
        ("HUTCH_PORT", "0"),
        ("HUTCH_LOG", "off"),
        ("HUTCH_RADIO", "sim"),
        ("HUTCH_RUN", ""),
    ]);

    let file = "state = \"/srv/hutch\"\nlisten = [\"127.0.0.1\", \"127.0.0.2\"]\nport = 0x0\n\
                log = \"off\"\nradio = \"sim\"";
    assert_eq!(layer, from_file(file));
    assert_eq!(
        from_variables(&[("HUTCH_PORT", "many")]).unwrap_err(),
        "the variable HUTCH_PORT must be a number from 0 to 65535"
    );
    let expected = "the variable HUTCH_LISTEN must be addresses of this computer";
    assert!(from_variables(&[("HUTCH_LISTEN", "10.0.0")]).unwrap_err().starts_with(expected));
    assert!(from_variables(&[("HUTCH_LISTEN", ",")]).unwrap_err().starts_with(expected));
}

#[test]
fn an_adapter_is_named_by_name_or_address_or_not_at_all() {
    let adapter = |text: &str| {
        let layer = from_file(&format!("adapter = \"{text}\"")).unwrap();
        Config::from(layer).adapter
    };

    assert_eq!(adapter("any"), None);
    assert_eq!(adapter("hci12").as_deref(), Some("hci12"));
    assert_eq!(adapter("c0:ff:ee:00:00:01").as_deref(), Some("C0:FF:EE:00:00:01"));
    assert_eq!(Config::default().adapter, None);
}

#[test]
fn the_addresses_of_a_vpn_are_at_home_once_they_are_named() {
    let flags = |also_from: &[&str]| Layer {
        listen: Some(vec!["100.64.0.7".parse().unwrap()]),
        also_from: Some(also_from.iter().map(|range| range.parse().unwrap()).collect()),
        ..Layer::default()
    };

    let refused = Config::load(None, no_variables, flags(&[])).unwrap_err().to_string();
    assert!(refused.starts_with("100.64.0.7 is of no home network"), "{refused}");
    let config = Config::load(None, no_variables, flags(&["100.64.0.0/10"])).unwrap();
    assert!(config.lan().has("100.64.1.1".parse().unwrap()));
}

proptest! {
    #[test]
    fn any_bytes_are_settings_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(Layer::from_file(Path::new("hutch.toml"), &bytes));
    }

    /// Nearly right is where the mistakes are.
    #[test]
    fn any_value_is_a_setting_or_an_error(
        key in "(state|run|listen|also_from|port|name|log|radio|adapter|[a-z\"\u{e4}]{0,12})",
        value in "([-+0-9a-fx_.:\"'\\[\\], /=]|\\PC){0,20}",
    ) {
        let found = from_file(&format!("{key} = {value}\n"));
        if let Err(complaint) = found {
            prop_assert!(complaint.starts_with("hutch.toml, line "), "{}", complaint);
        }
    }

    #[test]
    fn any_number_is_a_port_or_an_error(number in any::<i64>()) {
        let found = from_file(&format!("port = {number}"));
        prop_assert_eq!(found.ok().and_then(|layer| layer.port), u16::try_from(number).ok());
    }

    #[test]
    fn no_hub_listens_where_it_is_not_at_home(address in any::<IpAddr>()) {
        let flags = Layer { listen: Some(vec![address]), ..Layer::default() };
        let config = Config::load(None, no_variables, flags);
        let is_fine = address.is_unspecified() || Lan::default().has(address);
        prop_assert_eq!(config.is_ok(), is_fine);
    }

    #[test]
    fn any_variable_is_a_setting_or_an_error(value in "\\PC{0,20}") {
        for key in Key::ALL {
            let name = format!("HUTCH_{}", key.name().to_uppercase());
            drop(from_variables(&[(&name, &value)]));
        }
    }
}
