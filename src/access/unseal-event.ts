import { object, oneOf, optional, text, type Decode } from "./decode.js";
import { recipient } from "./edit-event.js";
import { parseId, type SessionId } from "./id.js";
import { parseName } from "./name.js";
import { parseReason } from "./text.js";

/** Somebody lets an auditor see what was typed on the terminals of one session. Written before the auditor's key opens it. */
export interface RecordingUnsealed {
  readonly type: "recording.unsealed";
  readonly session: SessionId;
  /** Who permits it. */
  readonly by: string;
  /** The auditor who is to see it, somebody else. */
  readonly for: string;
  /** The auditor's public key. */
  readonly recipient: string;
  /** What the configuration called that key (`recording.sealTo`); without it, that it is the auditor's is only said by who permits it. */
  readonly keyName?: string;
  readonly reason: string;
}

export const unsealEvents: { readonly "recording.unsealed": Decode<RecordingUnsealed> } = {
  "recording.unsealed": object<RecordingUnsealed>({
    type: oneOf(["recording.unsealed"]),
    session: text((value, path) => parseId("ses", value, path)),
    by: text(parseName),
    for: text(parseName),
    recipient,
    keyName: optional(text(parseName)),
    reason: text(parseReason),
  }),
};
