// The page's files are modules named .js without a package.json beside them. Node 20.19 and later
// find that out by themselves; for the Node 18 of Debian 12 this says so.

import { register } from "node:module";

register("data:text/javascript," + encodeURIComponent(`
  export async function load(url, context, nextLoad) {
    const format = url.includes("/web/js/") && url.endsWith(".js") ? "module" : context.format;
    return nextLoad(url, { ...context, format });
  }
`));
