import type { DecisionContext } from "../decision-context.js";
import type { CertificateAsk, CertificateRefused, Certified } from "./certificate-answer.js";
import { certify } from "./certify.js";
import { issueGrant, type GrantAsk, type GrantRefused, type IssuedGrant } from "./issue-grant.js";

/** Gives what needs nobody's yes any more: an admin's own grant, and certificates over grants that there are. */
export class GrantDesk {
  readonly #context: DecisionContext;

  constructor(context: DecisionContext) {
    this.#context = context;
  }

  /** An admin's own grant, with its certificate. */
  issue(ask: GrantAsk): Promise<IssuedGrant | GrantRefused> {
    return issueGrant(this.#context, ask);
  }

  /** A certificate over all live grants of an identity. */
  certify(ask: CertificateAsk): Promise<Certified | CertificateRefused> {
    return certify(this.#context, ask);
  }
}
