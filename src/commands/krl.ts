import { defineCommand } from "./define.js";

export const krl = defineCommand({
  examples: ["krl > revoked.krl", "krl --json"],
  audience: "anyone",
  positionals: {},
  options: {},
  run({ control }) {
    const list = control.cuts.revocationList().toString("base64");
    return { text: "", bytes: list, json: { krl: list } };
  },
});
