// @ts-check

/** What a way out belongs to. */
const PANELS = "form, .twice, .you-place, .composer";

/** @param {Element} element */
const isShown = (element) => element.getClientRects().length > 0;

/**
 * Closes what the focus is in: the innermost of what is open, and nothing around it. Where it was opened from
 * has the focus then.
 *
 * @param {HTMLElement} root
 * @param {EventTarget | null} from what has the focus
 */
export function wayOut(root, from) {
  const outs = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-escape]")]).filter(isShown);
  let at = from instanceof Element ? from : null;
  for (; at && at !== root; at = at.parentElement) {
    const panel = at;
    const out = panel.matches(PANELS) ? outs.find((one) => panel.contains(one)) : undefined;
    const opener = panel.id ? root.querySelector(`[aria-controls="${CSS.escape(panel.id)}"][aria-expanded="true"]`) : null;
    if (out) {
      out.click();
    } else if (panel instanceof HTMLDetailsElement && panel.open) {
      panel.querySelector("summary")?.focus();
      panel.open = false;
    } else if (opener instanceof HTMLElement) {
      opener.focus();
      opener.click();
    } else if (panel === from && panel instanceof HTMLElement && panel.matches("[aria-controls][aria-expanded=true]")) {
      panel.click();
    } else {
      continue;
    }
    return;
  }
}
