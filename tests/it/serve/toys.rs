//! `hutch toy`, of a running hub.

use super::*;

impl Household {
    fn toy(&self, subcommand: &str) -> Output {
        self.toy_with(subcommand, &[])
    }

    fn toy_with(&self, subcommand: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hutch"));
        command.args(["toy", subcommand, "--state"]).arg(self.state()).args(arguments);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("HUTCH_") {
                command.env_remove(name);
            }
        }
        command.output().unwrap()
    }
}

#[test]
fn toys_that_are_heard_are_listed_and_none_is_adopted_yet() {
    let household = Household::new();
    let _hub = household.start();

    let heard = household.toy("scan");
    let adopted = household.toy("info");

    let expected = "C0:FF:EE:00:00:01  CloudPets B 1.0.19   -55 dBm  not adopted\n\
                    C0:FF:EE:00:00:02  CloudPets B 1.0.19   -55 dBm  not adopted\n";
    assert_eq!(text(&heard.stdout), expected, "{}", text(&heard.stderr));
    assert_eq!(text(&adopted.stdout), "No toy is adopted yet; the page shows how.\n");
}

#[test]
fn without_bluetooth_it_is_said_why_nothing_is_heard() {
    let household = Household::new();
    let _hub = household.start_with(|command| {
        command.env("HUTCH_RADIO", "none");
    });

    for subcommand in ["scan", "probe"] {
        let heard = household.toy(subcommand);

        assert_eq!(heard.status.code(), Some(1));
        let expected = "error: no toy can be heard: Bluetooth is switched off in the settings \
                        (radio = \"none\")\n";
        assert_eq!(text(&heard.stderr), expected);
    }
}

#[test]
fn a_toy_is_not_probed_unless_it_is_clear_which() {
    let household = Household::new();
    let _hub = household.start();

    let either = household.toy("probe");
    let neither = household.toy_with("probe", &["C0:FF:EE:00:00:09"]);

    for answer in [&either, &neither] {
        assert_eq!(answer.status.code(), Some(1));
        assert!(answer.stdout.is_empty());
    }
    let expected = "Listening for toys.\nerror: 2 toys are heard that nobody has adopted: name one \
                    of them, as in hutch toy probe C0:FF:EE:00:00:01; hutch toy scan lists them\n";
    assert_eq!(text(&either.stderr), expected);
    let expected = "Listening for toys.\nerror: that toy is not heard: squeeze one of its paws, \
                    close to the hub, and try again; hutch toy scan lists those that are heard\n";
    assert_eq!(text(&neither.stderr), expected);
}
