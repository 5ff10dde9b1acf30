import type { RequestAsk, RequestId, RequestState } from "../../access/index.js";
import { approveRequest } from "./approve-request.js";
import { ControlError } from "../control-error.js";
import type { DecisionContext } from "../decision-context.js";
import { cancelRequest, denyRequest, endIfOver } from "./end-request.js";
import { extendGrant } from "./extend-grant.js";
import { makeRequest } from "./make-request.js";
import type {
  ApprovalRefused,
  Approved,
  Asked,
  EndingRefused,
  Extended,
  ExtensionAsk,
  ExtensionRefused,
  GivenApproval,
  RequestEnded,
  RequestEnding,
  RequestRefused,
  RequestWithdrawal,
  Reviewed,
  ReviewGiven,
  ReviewRefused,
} from "./request-answer.js";
import { RequestClock } from "./request-clock.js";
import { RequestWaits } from "./request-waits.js";
import { reviewGrant } from "./review-grant.js";
import { settleRequest } from "./settle-request.js";
import { Turns } from "../turns.js";

/**
 * Where people ask for access, and others answer them. What it answers is on the disk; what happens to one request, and what one
 * identity asks for, happens one after another.
 */
export class RequestDesk {
  readonly #context: DecisionContext;
  readonly #identities = new Turns<string>();
  readonly #requests = new Turns<RequestId>();
  readonly #waits = new RequestWaits();
  readonly #clock: RequestClock;

  private constructor(context: DecisionContext) {
    this.#context = context;
    this.#clock = new RequestClock({
      ...{ keeper: context.keeper, clocks: context.clocks },
      onOver: (request) => this.#turn(request, () => this.#endIfOver(request)),
      onFailure: (error) => context.log.error({ error: String(error) }, "request that is over not ended"),
    });
  }

  /** Takes up what was left: requests that are over end, those that all have approved are granted. */
  static async open(context: DecisionContext): Promise<RequestDesk> {
    const desk = new RequestDesk(context);
    for (const request of desk.#clock.due()) await desk.#endIfOver(request);
    for (const request of [...context.keeper.state.openRequests]) await settleRequest(context, request);
    desk.#clock.start();
    return desk;
  }

  /** Makes a request; where policy wants nobody's approval, the grant comes with it. */
  async ask(ask: RequestAsk): Promise<Asked | RequestRefused> {
    const made = await this.#identities.take(ask.identity, () => makeRequest(this.#context, ask));
    return typeof made === "string" ? this.#settle(made) : made;
  }

  /** Adds one person's yes; when it was the last one needed, the grant comes with it. */
  approve(given: GivenApproval): Promise<Approved | ApprovalRefused> {
    return this.#turn(given.request, () => approveRequest(this.#context, given));
  }

  /** One no is enough. */
  deny(ending: RequestEnding): Promise<RequestEnded | EndingRefused> {
    return this.#turn(ending.request, () => denyRequest(this.#context, ending));
  }

  /** The requester thought better of it. */
  cancel(withdrawal: RequestWithdrawal): Promise<RequestEnded | EndingRefused> {
    return this.#turn(withdrawal.request, () => cancelRequest(this.#context, withdrawal));
  }

  /** More time for a live grant and its sessions: by its holder alone where the role lets them once, else by a request of its own. */
  async extend(ask: ExtensionAsk): Promise<Extended | ExtensionRefused> {
    const extend = () => this.#context.grantTurns.take(ask.grant, () => extendGrant(this.#context, ask));
    const extended = await this.#identities.take(ask.by, extend);
    if (typeof extended === "string") return { kind: "request", ...(await this.#settle(extended)) };
    return "ok" in extended ? extended : { ok: true, kind: "self", grant: extended };
  }

  /** Closes the review of a break-glass grant. */
  review(given: ReviewGiven): Promise<Reviewed | ReviewRefused> {
    return reviewGrant(this.#context, given);
  }

  /** Resolves when a request that state knows has an outcome. Rejects with the signal's reason, and with ControlError `stopping`. */
  async settled(id: RequestId, signal: AbortSignal): Promise<RequestState> {
    signal.throwIfAborted();
    const held = this.#stateOf(id);
    return held.outcome === undefined ? this.#waits.wait(id, signal) : held;
  }

  /** Whoever waits is told that nothing more will come. */
  close(): void {
    this.#clock.stop();
    this.#waits.end(new ControlError("stopping", "the bastion is being stopped"));
  }

  /** The caller holds the request's turn, or is alone yet. */
  #endIfOver(id: RequestId): Promise<void> {
    return endIfOver(this.#context, id, this.#clock.hasLapsed(id));
  }

  async #settle(id: RequestId): Promise<Asked> {
    await this.#turn(id, () => settleRequest(this.#context, id));
    this.#clock.start();
    const request = this.#stateOf(id);
    const { outcome } = request;
    // somebody's yes may have been before us, and have brought the grant
    const grant = outcome?.kind === "granted" && this.#context.keeper.state.grants.get(outcome.grant)?.grant;
    return { ok: true, request, ...(grant && { grant }) };
  }

  async #turn<T>(id: RequestId, work: () => Promise<T>): Promise<T> {
    const done = await this.#requests.take(id, work);
    this.#waits.tell(this.#context.keeper.state.requests.get(id));
    return done;
  }

  #stateOf(id: RequestId): RequestState {
    const held = this.#context.keeper.state.requests.get(id);
    if (held === undefined) throw new TypeError(`request ${id} was never made`);
    return held;
  }
}
