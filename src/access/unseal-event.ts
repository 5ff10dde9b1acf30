import { object, oneOf, text, type Decode } from "./decode.js";
import { parseId, type SessionId } from "./id.js";
import { parseActor } from "./name.js";
import { parseReason } from "./text.js";

/** Somebody was permitted to see what was typed while the terminal did not echo; written before they learn where it lies. */
export interface RecordingUnsealed {
  readonly type: "recording.unsealed";
  readonly session: SessionId;
  readonly by: string;
  readonly reason: string;
}

export const unsealEvents: { readonly "recording.unsealed": Decode<RecordingUnsealed> } = {
  "recording.unsealed": object<RecordingUnsealed>({
    type: oneOf(["recording.unsealed"]),
    session: text((value, path) => parseId("ses", value, path)),
    by: text(parseActor),
    reason: text(parseReason),
  }),
};
