import { defineCommand } from "./define.js";

export const krl = defineCommand({
  name: "krl",
  summary: "Prints the OpenSSH key revocation list (binary) of all that was revoked",
  examples: ["krl > revoked.krl", "krl --json"],
  audience: "anyone",
  positionals: {},
  options: {},
  run({ control }) {
    const list = control.cuts.revocationList().toString("base64");
    return { text: "", bytes: list, json: { krl: list } };
  },
});
