// Runs the tests in a browser, two files at a time. A few that fail are run once more, alone: what fails beside another
// browser and passes by itself is unsteady and is named at the end; what fails twice has failed. Another folder may be
// named, whose files end the same.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";

/** When more than these fail, something is broken. */
const FEW = 5;

/**
 * Runs some files, tells what happens as it does, and returns which tests passed and which failed.
 *
 * @param {string[]} files
 * @param {Parameters<typeof run>[0]} options
 */
async function runSome(files, options) {
  /** @type {Record<"passed" | "failed", { file: string, name: string }[]>} */
  const ended = { passed: [], failed: [] };
  const stream = run({ files, ...options });
  for (const [event, list] of /** @type {const} */ ([["test:pass", ended.passed], ["test:fail", ended.failed]])) {
    stream.on(event, ({ file, name, nesting, skip, todo }) => {
      if (nesting === 0 && skip === undefined && todo === undefined) list.push({ file: file ?? "", name });
    });
  }
  for await (const line of stream.compose(tap)) process.stdout.write(line);
  return ended;
}

/**
 * Runs once more, one after the other, what failed.
 *
 * @param {{ file: string, name: string }[]} failed
 * @returns {Promise<boolean>} whether each passed
 */
async function runAgain(failed) {
  const exactly = (name) => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  const again = await runSome([...new Set(failed.map(({ file }) => file))], {
    concurrency: 1, testNamePatterns: failed.map(({ name }) => exactly(name)),
  });
  // Another file may have a test of the same name.
  const hasPassed = (test) => again.passed.some(({ file, name }) => file === test.file && name === test.name);
  for (const test of failed) {
    console.log(`# ${hasPassed(test) ? "unsteady, failed and then passed alone" : "failed twice"}: ${test.name}`);
  }
  return again.failed.length === 0 && failed.every(hasPassed);
}

const folder = process.argv[2] ?? import.meta.dirname;
const files = (await readdir(folder)).filter((name) => name.endsWith(".e2e.mjs")).sort().map((name) => join(folder, name));
const { failed } = await runSome(files, { concurrency: 2 });
// A file that ended before its tests did has none to run again by name.
const isByName = failed.every(({ file, name }) => name !== file && files.includes(file));
const isRunAgain = failed.length <= FEW && isByName;
if (failed.length > 0 && !(isRunAgain && await runAgain(failed))) process.exitCode = 1;
