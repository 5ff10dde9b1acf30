import type { Policy, SessionId, State } from "../access/index.js";
import type { Config } from "../config/index.js";
import type { HostPort } from "../wording/index.js";
import { checkAuditors } from "./check-auditors.js";
import type { ClockWatch } from "./clock-watch.js";
import type { DecisionContext } from "./decision-context.js";
import { CutDesk } from "./grants/cut-desk.js";
import type { GrantClock } from "./grants/grant-clock.js";
import { GrantDesk } from "./grants/grant-desk.js";
import type { HomePaths } from "../home/index.js";
import { keepPolicy } from "./keep-policy.js";
import { authorityLines, type AuthorityLines } from "./keys/authority-lines.js";
import { bastionNames } from "./keys/certify-host-key.js";
import { LedgerDesk } from "./ledger-desk.js";
import type { ControlLog } from "./log.js";
import { isStillIn } from "./logins/login-standing.js";
import type { TokenDesk } from "./logins/token-desk.js";
import { openParts, type ControlOptions, type Parts } from "./open-parts.js";
import type { Outsiders } from "./outsiders.js";
import type { CommandRunner, ProvenCaller } from "./proxies/carried-command.js";
import type { Proxies } from "./proxies/proxies.js";
import { RecordingDesk } from "./recordings/recording-desk.js";
import { DenialDesk } from "./refusals/denial-desk.js";
import type { RequestDesk } from "./requests/request-desk.js";
import { cutDisallowed, needsRestart } from "./sessions/policy-change.js";
import type { Upkeep } from "./upkeep.js";

/** How long proxies may take after a start to come back with the sessions that they still carry. */
const ANNOUNCED_WITHIN_MS = 5000;
const STOP_TEXT = "the bastion is being stopped";

/**
 * The deciding process, as commands see it: what is true, and a desk for each thing that can be asked. Everything it says
 * happened is on the disk.
 */
export class Control {
  readonly paths: HomePaths;
  readonly version: string;
  readonly startedAtMs: number;
  /** Where commands are served over HTTP; undefined when they are not, whatever the configuration says. */
  readonly http: HostPort | undefined;
  /** Asking for access, and answering. */
  readonly requests: RequestDesk;
  /** Grants and certificates that need nobody's yes. */
  readonly grants: GrantDesk;
  /** Taking access back. */
  readonly cuts: CutDesk;
  /** Bearer tokens of the HTTP API. */
  readonly tokens: TokenDesk;
  /** Where recordings lie, and changing what they hold. */
  readonly recordings: RecordingDesk;
  /** Who was refused, and what they had asked for. */
  readonly denials: DenialDesk;
  /** Reading the ledger, and proving it. */
  readonly ledger: LedgerDesk;
  /** Receivers of webhooks, and witnesses. */
  readonly outsiders: Outsiders;
  /** How long recordings stay, and room for those to come. */
  readonly upkeep: Upkeep;
  /** What is known of the wall clock's steps. */
  readonly clockSteps: Pick<ClockWatch, "step" | "setBack">;
  /** The processes that carry sessions. */
  readonly proxies: Pick<Proxies, "names" | "strangers">;
  readonly #held: { config: Config };
  readonly #context: DecisionContext;
  readonly #proxies: Proxies;
  readonly #grantClock: GrantClock;
  readonly #clockWatch: ClockWatch;
  readonly #graceTimer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  private constructor({ version, http }: ControlOptions, parts: Parts) {
    const { context } = parts;
    this.paths = parts.paths;
    this.version = version;
    this.http = http;
    this.startedAtMs = context.clocks.wallMs();
    this.requests = parts.requests;
    this.grants = new GrantDesk(context);
    this.cuts = new CutDesk(context);
    this.tokens = parts.tokens;
    this.recordings = new RecordingDesk(context);
    this.denials = new DenialDesk(context);
    this.ledger = new LedgerDesk(context);
    this.outsiders = parts.outsiders;
    this.upkeep = parts.upkeep;
    this.clockSteps = this.#clockWatch = parts.clockWatch;
    this.proxies = this.#proxies = parts.proxies;
    this.#held = parts.held;
    this.#context = context;
    this.#grantClock = parts.grantClock;
    this.#graceTimer = setTimeout(() => this.#settleOrphans(), ANNOUNCED_WITHIN_MS);
  }

  /**
   * Opens home, keys and ledger, derives what is true, and listens for proxies. Throws ControlError, LedgerError, and
   * AccessError for a ledger whose entries cannot be.
   */
  static async open(options: ControlOptions): Promise<Control> {
    return new Control(options, await openParts(options));
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#held.config;
  }

  get policy(): Policy {
    return this.#held.config.policy;
  }

  /** What is true now; not to be kept across an `await`. */
  get state(): State {
    return this.#context.keeper.state;
  }

  get log(): ControlLog {
    return this.#context.log;
  }

  get nowMs(): number {
    return this.#context.clocks.wallMs();
  }

  /** Names under which the bastion itself is reached. */
  get names(): readonly string[] {
    return bastionNames(this.config);
  }

  get authorities(): AuthorityLines {
    return authorityLines(this.#context.authority);
  }

  /** Whether somebody who logged in by ssh could still do so by what they came with. */
  isStillIn(caller: ProvenCaller): boolean {
    return isStillIn(this.#context, caller);
  }

  /** Gives the commands that people send by ssh to a runner; before, they are told to try again. */
  serveCommands(runner: CommandRunner): void {
    this.#proxies.serveCommands(runner);
  }

  /**
   * Puts another configuration into force, whole. Live sessions that it no longer allows are cut, unless it says that they
   * may go on to their end. Resolves with what it could not change without a restart, and the sessions that were cut.
   */
  async useConfig(config: Config): Promise<{ restart: readonly string[]; cut: readonly SessionId[] }> {
    checkAuditors(config);
    const restart = needsRestart(this.config, config);
    const { listen, http, home, proxies } = this.config;
    await keepPolicy(this.paths, config);
    await this.#context.keeper.record({ type: "policy.loaded", hash: config.policy.hash });
    this.#held.config = { ...config, listen, http, home, proxies };
    this.#proxies.refresh();
    this.outsiders.use(this.config);
    const cut = config.whenTightened === "cut" ? await cutDisallowed(this.#context) : [];
    return { restart, cut };
  }

  /** Stops in order: proxies end their sessions, then the ledger says that it was a stop. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Lets go without a word to the proxies: their sessions go on to their end. For when the supervisor is gone. */
  abandon(): Promise<void> {
    this.#closing ??= this.#abandon();
    return this.#closing;
  }

  async #abandon(): Promise<void> {
    this.#stopClocks();
    await this.#proxies.leave();
    await this.recordings.close();
    this.#context.live.stop();
    await this.outsiders.stopAsking();
    await this.upkeep.stop();
    await this.#context.keeper.close();
    await this.outsiders.close();
  }

  async #close(): Promise<void> {
    const { keeper, live } = this.#context;
    this.#stopClocks();
    await this.#proxies.stop(STOP_TEXT);
    live.stop();
    await this.recordings.close();
    for (const session of [...keeper.state.liveSessions]) await live.interrupted(session);
    await this.outsiders.stopAsking();
    await this.upkeep.stop();
    await keeper.record({ type: "bastion.stopped" });
    await keeper.keepState();
    await keeper.close();
    await this.outsiders.close();
  }

  #stopClocks(): void {
    clearTimeout(this.#graceTimer);
    this.#clockWatch.stop();
    this.#grantClock.stop();
    this.requests.close();
  }

  #settleOrphans(): void {
    const { live, log } = this.#context;
    Promise.all(live.orphans().map((session) => live.interrupted(session))).catch((error: unknown) =>
      log.error({ error: String(error) }, "interrupted sessions not recorded"),
    );
  }
}
