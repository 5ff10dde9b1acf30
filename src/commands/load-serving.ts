/** What carries out commands. Apart from the room's face, because a client of the bastion needs none of it. */
export type Serving = typeof import("./serving.js");

export function loadServing(): Promise<Serving> {
  return import("./serving.js");
}
