// What the scripted hub says that it keeps, from what it has. Its sounds are not sealed, so they are a little smaller.

const DAY_S = 86_400;
const WAVEFORM_BYTES = 117;
const PAGES_BYTES = 600_000;

/**
 * @param {import("./fake-hub.mjs").FakeHub} hub
 */
export function amountsOf(hub) {
  const now = Math.floor(Date.now() / 1000);
  const bytesOf = (items) => items.reduce((sum, { id }) => sum + hub.sounds.get(id).length, 0);
  const amount = (items) => ({ n: items.length, bytes: bytesOf(items) });
  const children = hub.children.map(({ id }) => {
    const items = hub.items.filter(({ child }) => child === id);
    const notes = items.filter(({ note }) => note);
    const goes = items.map((item) => hub.rules.goesAt(item)).filter((at) => at !== null && at < now + DAY_S);
    return {
      child: id, recordings: amount(items.filter(({ kind }) => kind === "recording")),
      messages: amount(items.filter(({ kind }) => kind === "message")),
      notes: { n: notes.length, bytes: notes.reduce((sum, { note }) => sum + note.length, 0) },
      pictures: { n: items.length, bytes: items.length * WAVEFORM_BYTES },
      own_picture: hub.pictures.amount(id),
      kept: items.filter(({ kept }) => kept).length, oldest_at: items[0]?.at ?? null,
      retention_days: hub.rules.of(id).retention_days, going: goes.length,
      next_goes_at: goes.length > 0 ? Math.min(...goes) : null,
    };
  });
  const relatives = hub.people.relatives.map(({ id }) => ({
    account: id, messages: amount(hub.items.filter(({ kind, sender }) => kind === "message" && sender === id)),
    shared: hub.items.filter(({ shared_with: with_ }) => with_.includes(id)).length,
  }));
  const waiting = amount(hub.items.filter(({ delivery }) => delivery && ["queued", "failed"].includes(delivery.state)));
  return {
    children, relatives, sessions: hub.accounts.sessions.length, activity: 12, places: 3, waiting,
    database_bytes: PAGES_BYTES + bytesOf(hub.items) + waiting.bytes,
    replaced_bytes: hub.backups.replaced?.bytes ?? null,
  };
}
