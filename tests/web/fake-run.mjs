// Runs the scripted hub until it is stopped, to develop the page: node fake-run.mjs [port] [set-up]

import { FakeHub } from "./fake-hub.mjs";

const hub = new FakeHub({ door: process.argv[3] === "set-up" ? { setUp: true, demo: false } : {} });
const address = await hub.listen(Number(process.argv[2] ?? 0));
const { setUp, guardian } = hub.accounts;
if (setUp) console.log(`Open ${address}/\nSet-up code: ${setUp.code}`);
else {
  const { name, password } = hub.people.addRelative("Ruth", [{ child: hub.children[0].id, daily_limit: 5 }]);
  console.log(`Open ${address}/open?token=fake\nName: ${guardian.name}\nPassword: ${guardian.password}`);
  console.log(`A relative: ${name}\nPassword: ${password}`);
}
