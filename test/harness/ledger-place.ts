import { join } from "node:path";
import { parseSigner, type LedgerPlace, type Signer } from "../../src/ledger/index.js";

/** A key for tests, the same in every process. */
export const testSigner: Signer = parseSigner(
  "PRIVATE+KEY+bastion/00000000+b3e4d678+AX2Ojcyu/wzQDqbqBjkNok2WrxhuvNouriRuSydGOQbh",
);

/** A ledger's place in a folder, as a home has it, with the tests' key. */
export function ledgerPlace(folder: string): LedgerPlace {
  return { journal: join(folder, "journal"), files: join(folder, "ledger"), signer: testSigner };
}
