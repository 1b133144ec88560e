import js from "@eslint/js";
import globals from "globals";

const strict = {
  "array-callback-return": "error",
  "eqeqeq": "error",
  "max-len": ["error", { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignorePattern: "^ *(/?\\*|//)" }],
  "no-alert": "error",
  "no-console": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "quotes": ["error", "double", { avoidEscape: true }],
  "semi": "error",
  // A hub's answer never becomes markup, and the strict policy of the page forbids the rest.
  "no-restricted-properties": ["error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML", "cssText"].map((property) => ({ property })),
    { object: "document", property: "write" },
    { object: "localStorage", property: "setItem", message: "Nothing of a household stays in a browser." },
  ],
  "no-restricted-syntax": ["error", {
    selector: "CallExpression[callee.property.name='setAttribute'][arguments.0.value='style']",
    message: "The policy of the page forbids inline style: use a class or style.setProperty.",
  }],
};

export default [
  { ignores: ["**/node_modules/"] },
  js.configs.recommended,
  { rules: strict },
  {
    files: ["**/web/js/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["**/web/sw.js"],
    languageOptions: { globals: { ...globals.serviceworker, SHELL: "readonly" } },
  },
  {
    files: ["**/web/js/capture-worklet.js"],
    languageOptions: { globals: globals.audioWorklet },
  },
  {
    files: ["**/*.mjs"],
    languageOptions: { globals: globals.node },
    rules: { "no-console": "off" },
  },
  {
    // Parts of these run inside the browser.
    files: ["**/e2e/**/*.mjs", "**/figures/**/*.mjs", "**/first-view.mjs"],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
];
