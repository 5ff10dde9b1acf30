import { fromFile, inWords, keyLine } from "./argument.js";
import { certificateRefusal, certificateResult, certifyCaller } from "./certificate.js";
import { defineCommand } from "./define.js";

export const cert = defineCommand({
  examples: ["cert > ~/.ssh/id_ed25519-cert.pub", "cert --key - < other.pub > other-cert.pub"],
  audience: "anyone",
  positionals: {},
  options: {
    key: inWords(
      fromFile(keyLine, {
        placeholder: "LINE|-",
        summary: "another public key; - reads its line from stdin",
      }),
    ),
  },
  async run(context, { key }) {
    const certified = await certifyCaller(context, key);
    if (!certified.ok) throw certificateRefusal(context, certified);
    return certificateResult(context, certified);
  },
});
