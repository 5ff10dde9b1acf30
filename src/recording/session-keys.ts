import { parseAuditorPublicKey } from "./auditor-key.js";
import { wrapDataKey } from "./data-key.js";
import type { RecordingHeader } from "./header.js";
import { commitKey } from "./key-commitment.js";
import { generateKey } from "./key-memory.js";

/** A header before its recording has keys. */
export type KeylessHeader = Omit<RecordingHeader, "keyCommitment" | "apartKeyCommitment" | "keys">;

/** Whom a recording is sealed to, `bascule-auditor:…`: who may read it, and who may also see what was typed unseen. */
export interface SealedTo {
  readonly auditors: readonly string[];
  readonly apartAuditors: readonly string[];
}

/** A new recording's keys and its whole header. */
export interface NewKeys {
  readonly header: RecordingHeader;
  readonly dataKey: Buffer;
  readonly apartKey: Buffer;
  /** Overwrites both keys. To be called once the writer has its own copy, whatever became of it. */
  wipe(): void;
}

/** Makes a recording's two keys and wraps them. @throws RecordingError `auditor-key-invalid` */
export async function makeRecordingKeys(header: KeylessHeader, sealedTo: SealedTo): Promise<NewKeys> {
  const [dataKey, apartKey] = [generateKey(), generateKey()];
  const wipe = (): void => {
    dataKey.fill(0);
    apartKey.fill(0);
  };
  try {
    const [data, apart] = await Promise.all([
      wrapDataKey(dataKey, sealedTo.auditors.map(parseAuditorPublicKey)),
      wrapDataKey(apartKey, sealedTo.apartAuditors.map(parseAuditorPublicKey), "apart"),
    ]);
    const commitments = {
      keyCommitment: commitKey(dataKey, header.session),
      apartKeyCommitment: commitKey(apartKey, header.session),
    };
    return { header: { ...header, ...commitments, keys: [...data, ...apart] }, dataKey, apartKey, wipe };
  } catch (error) {
    wipe();
    throw error;
  }
}
