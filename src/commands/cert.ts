import { fromFile, inWords, keyLine } from "./argument.js";
import { certificateRefusal, certificateResult, certifyCaller } from "./certificate.js";
import { defineCommand } from "./define.js";

export const cert = defineCommand({
  name: "cert",
  summary: "Prints a certificate that opens all your live grants, for the key that you logged in with",
  examples: ["cert > ~/.ssh/id_ed25519-cert.pub", "cert --key - < other.pub > other-cert.pub"],
  audience: "anyone",
  ways: ["ssh", "http"], // the admin at the machine itself is nobody whose grants there could be
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
