import { AccessError } from "./access-error.js";
import { asRecord, type Decode } from "./decode.js";
import { bastionEvents, type BastionEvent } from "./bastion-event.js";
import { credentialEvents, type CredentialEvent } from "./credential-event.js";
import { editEvents, type EditEvent } from "./edit-event.js";
import { grantEvents, type GrantEvent } from "./grant-event.js";
import { keepEvents, type KeepEvent } from "./keep-event.js";
import { ledgerEvents, type LedgerEvent } from "./ledger-event.js";
import { lockEvents, type LockEvent } from "./lock-event.js";
import { requestEvents, type RequestEvent } from "./request-event.js";
import { sessionEvents, type SessionEvent } from "./session-event.js";
import { unsealEvents, type RecordingUnsealed } from "./unseal-event.js";
import { witnessEvents, type WitnessEvent } from "./witness-event.js";

/**
 * Everything that is written to the ledger: a decision, or something that happened. Times are wall-clock milliseconds,
 * `by` is an identity's name, `admin@local` or `bastion@local`. When it happened is the ledger entry's own time.
 */
export type AccessEvent =
  | BastionEvent
  | RequestEvent
  | GrantEvent
  | LedgerEvent
  | LockEvent
  | KeepEvent
  | CredentialEvent
  | SessionEvent
  | RecordingUnsealed
  | EditEvent
  | WitnessEvent;

export type AccessEventType = AccessEvent["type"];

/** The event of one type. */
export type EventOf<T extends AccessEventType> = Extract<AccessEvent, { type: T }>;

const decoders: { readonly [T in AccessEventType]: Decode<EventOf<T>> } = {
  ...bastionEvents,
  ...requestEvents,
  ...grantEvents,
  ...ledgerEvents,
  ...lockEvents,
  ...keepEvents,
  ...credentialEvents,
  ...sessionEvents,
  ...unsealEvents,
  ...witnessEvents,
  ...editEvents,
};

/** Every type there is, for documents and completeness tests. */
export const ACCESS_EVENT_TYPES = Object.keys(decoders) as readonly AccessEventType[];

/**
 * Strict: exactly the known fields with sound content, or AccessError with the path of the first fault.
 * An unknown type is refused: a state that skipped an entry would not be the state.
 */
export function parseAccessEvent(value: unknown): AccessEvent {
  const type = asRecord(value, "event")["type"];
  if (typeof type !== "string" || !Object.hasOwn(decoders, type)) {
    throw new AccessError("unknown-event", "event.type", "is not an event type that this version knows");
  }
  return decoders[type as AccessEventType](value, "event");
}
