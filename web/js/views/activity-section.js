// @ts-check

import { section } from "./section.js";
import { waiting } from "./waiting.js";

/** Makes the list of who did what. */
export function activitySection() {
  const part = section("activity", "Activity");
  part.show([waiting("Looking who did what")]);
  return part;
}
