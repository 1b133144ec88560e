// How little the page takes to stand: the real hub, and a browser that was never there.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import ts from "typescript";

import { BARS, measureFirstView } from "../first-view.mjs";
import { DESK, FAKE, PHONE, openPage, startBrowser, startHub } from "./support.mjs";

const skip = FAKE ? "the scripted hub compresses nothing" : false;

// Where there is room for two, a conversation stands beside the list and comes along. French has the longest words.
const VIEWS = [["phone", PHONE, "en-GB"], ["desk", DESK, "en-GB"], ["desk, in French", DESK, "fr-FR"]];
for (const [name, viewport, locale] of VIEWS) {
  test(`the first view is small and stands still: ${name}`, { skip }, async (t) => {
    const { url } = await startHub(t);
    const page = await openPage(t, await startBrowser(t), url, { viewport, locale });
    await page.getByRole("heading", { name: "Mia" }).waitFor();

    const first = await measureFirstView(page.context(), new URL("/", url).href);

    t.diagnostic(`${first.bytes} bytes in ${first.requests} requests, moved by ${first.shift.toFixed(3)}`);
    assert.ok(first.bytes <= BARS.bytes, `${first.bytes} bytes`);
    assert.ok(first.shift <= BARS.shift, `moved by ${first.shift}`);
    // All of it over one connection.
    assert.deepEqual(first.protocols, ["h2"]);
  });
}

/** Where joined modules are, by what the joined file calls them. */
const GROUPS = { $first: "/js/first.js", $talk: "/js/talk.js" };

/** Returns the modules of a joined file: their names, and what they do. */
function modulesOf(table, text) {
  const begins = /^"\/js\/(?=[\w/-]+\.js": once\(\(function \(\) \{$)/m;
  return text.split(begins).slice(1).map((one) => {
    const [name, body] = one.split(/": once\(\(function \(\) \{\n/);
    return [name, { table, body: body.slice(0, body.lastIndexOf("\nreturn {") + 1) }];
  });
}

/** What a program is made of: one that differs in anything but remarks and blanks gives another. */
const essence = (text) => ts.transpileModule(text, {
  compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext },
}).outputText;

test("what is served says what was written, but for remarks", { skip }, async (t) => {
  const { url } = await startHub(t);
  const page = await openPage(t, await startBrowser(t), url);
  const web = new URL("../../../web/", import.meta.url);
  const files = readdirSync(new URL("js/", web), { recursive: true }).filter((name) => name.endsWith(".js"));
  assert.ok(100 < files.length, `${files.length} files`);
  const [first, talk, ...served] = await page.evaluate((names) => Promise.all(names.map(async (name) => {
    const answer = await fetch(`/js/${name}`);
    return answer.text();
  })), ["first.js", "talk.js", ...files]);
  const joined = new Map([...modulesOf("$first", first), ...modulesOf("$talk", talk)]);
  assert.ok(70 < joined.size, `${joined.size} are joined`);

  const tableOf = (path) => joined.get(path.slice("/js/".length))?.table;
  const call = (path) => `${tableOf(path)}["${path}"]()`;
  /** What a module is in a joined file: it imports by calls, and hands out at its end what it exports. */
  const joinedForm = (name, text) => {
    const pathOf = (from) => new URL(from, `https://hub/js/${name}`).pathname;
    return text
      .replace(/^import \{([^}]*)\} from "([^"]+)";/gm, (_, names, from) =>
        `const {${names.replace(/\s*\n\s*/g, " ").replaceAll(" as ", ": ")}} = ${call(pathOf(from))};`)
      .replace(/^import \* as (\w+) from "([^"]+)";/gm, (_, whole, from) => `const ${whole} = ${call(pathOf(from))};`)
      .replace(/^export /gm, "")
      .replace(/\bimport\("([^"]+)"\)/g, (_, to) => {
        const table = tableOf(pathOf(to));
        return table ? `import("${GROUPS[table]}").then(({ ${table} }) => ${call(pathOf(to))})` : `import("${pathOf(to)}")`;
      });
  };
  for (const [n, name] of files.entries()) {
    const written = readFileSync(new URL(`js/${name}`, web), "utf8");
    const { table, body } = joined.get(name) ?? {};
    const text = body ?? served[n];
    assert.equal(essence(text), essence(table ? joinedForm(name, written) : written), name);
    assert.equal(text.split("\n").length, written.split("\n").length, `${name} keeps its lines`);
    assert.doesNotMatch(text, /^[ \t]*\/\//m, `${name} has remarks`);
    if (!table) continue;
    // Under its own name it hands out the same.
    const declared = written.matchAll(/^export (?:async )?(?:function|class|const) ([\w$]+)/gm);
    const exported = [...declared].map(([, one]) => one).join(", ");
    const stub = `import { ${table} } from "${GROUPS[table]}";\n`
      + `${exported ? `export const { ${exported} } = ` : ""}${table}["/js/${name}"]();\n`;
    assert.equal(served[n], stub, name);
  }
});
