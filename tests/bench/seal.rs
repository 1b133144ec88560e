//! What sealing costs.

use hutch::{
    model::{ChildId, ItemId},
    seal::{About, Kind, Part, PrivateKey as _, household::HouseholdKey, new_content_key},
};

use crate::{Bar, Figure, best_of};

/// A message of 40 seconds as the toy has it.
const N_BYTES: usize = 80_000;

/// A message sealed and opened, with a fresh key and all that is done for it.
pub(crate) fn sealing() -> Vec<Figure> {
    let household = HouseholdKey::generate();
    let recipient = household.public();
    let child = Some(ChildId::from_bytes([1; 16]));
    let about =
        About { item: ItemId::from_bytes([2; 16]), kind: Kind::Recording, child, sender: None };
    let sound: Vec<u8> = (0..=u8::MAX).cycle().take(N_BYTES).collect();
    let seal = || {
        let key = new_content_key();
        let sealed = key.seal(Part::Sound, &about, &sound).unwrap();
        (sealed, key.seal_for(&recipient, &about))
    };
    let (sealed, key) = seal();
    let open = || household.open(&key, &about).unwrap().open(Part::Sound, &about, &sealed).unwrap();
    assert_eq!(*open(), sound);

    let figure = |what, took: std::time::Duration| Figure {
        what,
        bar: Bar::Milliseconds(3.0),
        value: Some(took.as_secs_f64() * 1_000.0),
    };
    vec![
        figure("sealing 80 kB for the household", best_of(seal)),
        figure("opening 80 kB", best_of(open)),
    ]
}
