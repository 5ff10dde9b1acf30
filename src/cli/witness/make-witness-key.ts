import { writeFileSync } from "node:fs";
import { EXIT } from "../../commands/index.js";
import { encodeSigner, encodeVerifierKey, generateSigner, isKeyName } from "../../ledger/index.js";
import { CliError } from "../cli-error.js";

/** Makes a witness' key in a new file (0600); gives the verifier key, for those who are to believe it. Throws CliError. */
export function makeWitnessKey(path: string, name: string): string {
  if (!isKeyName(name))
    throw new CliError(
      EXIT.usage,
      "--name: expected a name without blanks and +",
      "such as witness.example.org/w1",
    );
  const signer = generateSigner(name, "cosignature");
  try {
    writeFileSync(path, `${encodeSigner(signer)}\n`, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new CliError(EXIT.failed, `${path} is there already; it is not overwritten`);
  }
  return encodeVerifierKey(signer.verifier);
}
