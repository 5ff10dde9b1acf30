import { EXIT } from "../../commands/index.js";
import { policyDocument } from "../../config/index.js";
import { printResult } from "../print.js";
import { readPolicy } from "./read-policy.js";

/** Prints the policy document of a configuration, or its hash. Throws ConfigError. */
export async function policyShow(path: string, isHashOnly: boolean): Promise<number> {
  const config = await readPolicy(path);
  await printResult(isHashOnly ? `${config.policy.hash}\n` : policyDocument(config));
  return EXIT.done;
}
