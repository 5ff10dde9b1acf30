import type { RequestId, RequestState } from "../access/index.js";
import type { DecisionContext } from "./decision-context.js";
import type {
  AccessAsk,
  ApprovalRefused,
  Approved,
  Asked,
  EndingRefused,
  Extended,
  ExtensionAsk,
  GivenApproval,
  RequestEnded,
  RequestEnding,
  RequestRefused,
  ReviewGiven,
} from "./request-answer.js";

/** Where people ask for access, and others answer them. Everything it answers is on the disk. */
export class RequestDesk {
  readonly #context: DecisionContext;

  constructor(context: DecisionContext) {
    this.#context = context;
  }

  /** Makes a request; where policy wants nobody's approval, the grant comes with it. */
  ask(_ask: AccessAsk): Promise<Asked | RequestRefused> {
    return this.#unbuilt();
  }

  /** Adds one person's yes; when it was the last one needed, the grant comes with it. */
  approve(_approval: GivenApproval): Promise<Approved | ApprovalRefused> {
    return this.#unbuilt();
  }

  /** One no is enough. */
  deny(_ending: RequestEnding): Promise<RequestEnded | EndingRefused> {
    return this.#unbuilt();
  }

  /** The requester thought better of it. */
  cancel(
    _ending: Omit<RequestEnding, "reason"> & { reason?: string },
  ): Promise<RequestEnded | EndingRefused> {
    return this.#unbuilt();
  }

  /** More time for a live grant: by its holder alone where the role lets them once, else by a request of its own. */
  extend(_ask: ExtensionAsk): Promise<Extended | (Omit<RequestRefused, "reason"> & { reason: string })> {
    return this.#unbuilt();
  }

  /** Closes the review of a break-glass grant. */
  review(_given: ReviewGiven): Promise<{ ok: true } | { ok: false; reason: string }> {
    return this.#unbuilt();
  }

  /** Resolves when a request has an outcome. Rejects with the signal's reason. */
  settled(_request: RequestId, _signal: AbortSignal): Promise<RequestState> {
    return this.#unbuilt();
  }

  #unbuilt(): Promise<never> {
    return Promise.reject(new Error(`not built yet (${this.#context.clocks.wallMs()})`));
  }
}
