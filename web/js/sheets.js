// @ts-check

// The sheets that no first view is drawn with. The document names them in their order, disabled, so that no
// browser fetches them before they are needed.

const PATIENCE_MS = 10_000;

/** @type {Promise<unknown> | null} */
let coming = null;

/** Fetches them, once. */
export function laterSheets() {
  coming ??= Promise.all([.../** @type {NodeListOf<HTMLLinkElement>} */ (
    document.querySelectorAll("link[rel=stylesheet][disabled]"))].map(bring));
  return coming.catch((error) => {
    coming = null;
    throw error;
  });
}

/**
 * Returns what fetches a file together with the sheets.
 *
 * @template M
 * @param {() => Promise<M>} load imports the file
 * @returns {() => Promise<M>}
 */
export const withSheets = (load) => async () => {
  const [module] = await Promise.all([load(), laterSheets()]);
  return module;
};

/** @param {HTMLLinkElement} link */
function bring(link) {
  return new Promise((resolve, reject) => {
    // Rather without than never.
    const timer = setTimeout(resolve, PATIENCE_MS);
    link.addEventListener("load", () => {
      clearTimeout(timer);
      resolve(null);
    }, { once: true });
    link.addEventListener("error", () => {
      clearTimeout(timer);
      link.setAttribute("disabled", "");
      // As browsers tell that a script did not come.
      reject(new TypeError(`${link.href} did not come`));
    }, { once: true });
    link.disabled = false;
  });
}
