import type {
  AccessError,
  AccessEvent,
  GrantId,
  LedgerClock,
  LockSubject,
  Policy,
  ReadingWay,
  SessionId,
  SessionState,
  State,
} from "../access/index.js";
import type { HostPort } from "../wording/index.js";
import type { Config } from "../config/index.js";
import type { LedgerRecord } from "../ledger/index.js";
import { openAuthority } from "./keys/authority.js";
import { authorityLines, type AuthorityLines } from "./keys/authority-lines.js";
import type { CertificateAsk, CertificateRefused, Certified } from "./grants/certificate-answer.js";
import type { CommandRunner, ProvenCaller } from "./proxies/carried-command.js";
import { ClockWatch, type ClockStep } from "./clock-watch.js";
import { certify } from "./grants/certify.js";
import { bastionNames } from "./keys/certify-host-key.js";
import { systemClocks, type Clocks } from "./clocks.js";
import type { DecisionContext } from "./decision-context.js";
import { checkAuditors } from "./check-auditors.js";
import { checkHome, type HomePaths } from "./home.js";
import { inspectRecording } from "./sessions/inspect-recording.js";
import { GrantClock } from "./grants/grant-clock.js";
import { issueGrant, type GrantAsk, type GrantRefused, type IssuedGrant } from "./grants/issue-grant.js";
import { keepPolicy } from "./keep-policy.js";
import type { Derivation } from "./derive-state.js";
import { Keeper, type LedgerProof } from "./keeper.js";
import { tellUnpublished } from "./tell-unpublished.js";
import type { DiskWatch } from "./disk/disk-watch.js";
import { systemFreeSpace, type FreeSpace } from "./disk/free-space.js";
import { LiveSessions } from "./sessions/live-sessions.js";
import { lock, unlock } from "./grants/lock.js";
import type { ControlLog } from "./log.js";
import { isStillIn } from "./logins/login-standing.js";
import { cutDisallowed, needsRestart } from "./sessions/policy-change.js";
import { Outsiders } from "./outsiders.js";
import { ProofMemory } from "./logins/proof-memory.js";
import { Proxies } from "./proxies/proxies.js";
import { recordingPath } from "./recordings/recording-path.js";
import { RecordingDesk } from "./recordings/recording-desk.js";
import { RequestDesk } from "./requests/request-desk.js";
import { killSession, revokeCertificate, revokeGrant } from "./grants/revoke.js";
import { DenialDesk } from "./refusals/denial-desk.js";
import { Salts } from "./refusals/salts.js";
import { revocationList } from "./grants/revoked-keys.js";
import { TokenDesk } from "./logins/token-desk.js";
import { openTokenKey } from "./keys/token-key.js";
import { Turns } from "./turns.js";
import { openDiskWatch, Upkeep } from "./upkeep.js";

export interface ControlOptions {
  readonly config: Config;
  readonly version: string;
  /** What proxies show to be taken for ours. */
  readonly token: string;
  readonly log: ControlLog;
  readonly clocks?: Clocks;
  /** Where commands are served over HTTP, the port it really has. */
  readonly http?: HostPort;
  /** How much room file systems have; statfs(2) unless given. */
  readonly freeSpace?: FreeSpace;
  /** A proxy was linked, by its name. */
  readonly onProxy?: (name: string) => void;
  /** The ledger takes nothing more: the process is to end. */
  readonly onFailure: (error: unknown) => void;
}

/** How long proxies may take after a start to come back with the sessions that they still carry. */
const ANNOUNCED_WITHIN_MS = 5000;
const STOP_TEXT = "the bastion is being stopped";

/** What is opened before it and closed with it. */
interface Parts {
  readonly requests: RequestDesk;
  readonly tokens: TokenDesk;
  readonly grantClock: GrantClock;
  readonly clockWatch: ClockWatch;
  readonly outsiders: Outsiders;
  readonly upkeep: Upkeep;
}

/** The deciding process, as commands see it. Everything it says happened is on the disk. */
export class Control {
  readonly paths: HomePaths;
  readonly version: string;
  readonly startedAtMs: number;
  /** Where commands are served over HTTP; undefined when they are not, whatever the configuration says. */
  readonly http: HostPort | undefined;
  /** Asking for access, and answering. */
  readonly requests: RequestDesk;
  /** Bearer tokens of the HTTP API. */
  readonly tokens: TokenDesk;
  /** Changing what a recording holds. */
  readonly recordings: RecordingDesk;
  /** Who was refused, and what they had asked for. */
  readonly denials: DenialDesk;
  /** Receivers of webhooks, and witnesses. */
  readonly outsiders: Outsiders;
  /** How long recordings stay, and room for those to come. */
  readonly upkeep: Upkeep;
  readonly #held: { config: Config };
  readonly #context: DecisionContext;
  readonly #proxies: Proxies;
  readonly #grantClock: GrantClock;
  readonly #clockWatch: ClockWatch;
  readonly #graceTimer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  private constructor(
    { version, http }: ControlOptions,
    paths: HomePaths,
    held: { config: Config },
    context: DecisionContext,
    proxies: Proxies,
    { requests, tokens, grantClock, clockWatch, outsiders, upkeep }: Parts,
  ) {
    this.paths = paths;
    this.version = version;
    this.http = http;
    this.startedAtMs = context.clocks.wallMs();
    this.#held = held;
    this.#context = context;
    this.requests = requests;
    this.tokens = tokens;
    this.#grantClock = grantClock;
    this.#clockWatch = clockWatch;
    this.recordings = new RecordingDesk(context);
    this.denials = new DenialDesk(context);
    this.upkeep = upkeep;
    this.#proxies = proxies;
    this.outsiders = outsiders;
    this.#graceTimer = setTimeout(() => this.#settleOrphans(), ANNOUNCED_WITHIN_MS);
  }

  /**
   * Opens home, keys and ledger, derives what is true, and listens for proxies. Throws ControlError, LedgerError, and
   * AccessError for a ledger whose entries cannot be.
   */
  static async open(options: ControlOptions): Promise<Control> {
    const { config, log, token, clocks = systemClocks, onFailure, onProxy = () => undefined } = options;
    const paths = checkHome(config.home);
    checkAuditors(config);
    const authority = openAuthority(paths.keys);
    const tokenKey = openTokenKey(paths, log);
    const onImpossible = (index: number, { message }: AccessError) =>
      log.error({ entry: index, error: message }, "ledger entry left out: it cannot follow those before it");
    const { journal, ledger: files, state } = paths;
    const place = { journal, files, state, signer: authority.ledger };
    const keeper = await Keeper.open(place, {
      ...{ nowMs: () => clocks.wallMs(), log },
      ...{ onFailure, onImpossible, onPublishFailed: tellUnpublished(log) },
    });
    let requests: RequestDesk | undefined;
    let grantClock: GrantClock | undefined;
    let disk: DiskWatch | undefined;
    const lastSeenMs = keeper.size === 0 ? undefined : keeper.state.clock.atMs;
    const clockWatch = new ClockWatch({ keeper, clocks, log });
    try {
      const held = { config };
      const inspect = (session: SessionState) => inspectRecording(held.config.recordings, session);
      const live = new LiveSessions({ keeper, clocks, log, inspect });
      const proofs = new ProofMemory();
      const turns = { grantTurns: new Turns<GrantId>(), recordingTurns: new Turns<SessionId>() };
      const holdTurns = new Turns<"hold">();
      const salts = new Salts(paths.salts, log);
      const core = { config: () => held.config, authority, keeper, live, proofs, clocks, log, salts };
      const base = { ...core, ...turns, holdTurns };
      disk = await openDiskWatch(base, () => context, options.freeSpace ?? systemFreeSpace);
      const context: DecisionContext = { ...base, disk };
      const outsiders = new Outsiders(context);
      await keepPolicy(paths, config);
      await keeper.record({ type: "bastion.started", version: options.version, policy: config.policy.hash });
      grantClock = await GrantClock.open(context);
      requests = await RequestDesk.open(context);
      const proxies = await Proxies.open({ socket: paths.proxySocket, token, context, onHello: onProxy });
      const upkeep = Upkeep.start(context, lastSeenMs);
      const tokens = new TokenDesk(context, tokenKey);
      const parts = { requests, tokens, grantClock, clockWatch, outsiders, upkeep };
      return new Control(options, paths, held, context, proxies, parts);
    } catch (error) {
      requests?.close();
      grantClock?.stop();
      clockWatch.stop();
      await disk?.stop();
      await keeper.close();
      throw error;
    }
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

  /** What verifies the ledger's checkpoints: a C2SP verifier key, one line. */
  get ledgerVerifier(): string {
    return this.#context.authority.ledgerVerifier;
  }

  /** Names of the linked proxies. */
  get proxies(): readonly string[] {
    return this.#proxies.names;
  }

  /** How many strangers were turned away since the start. */
  get strangers(): number {
    return this.#proxies.strangers;
  }

  /** What is known of the wall clock's steps: the last one of this run, and the last that the ledger's entries show. */
  get clockSteps(): { readonly step: ClockStep | undefined; readonly setBack: LedgerClock["setBack"] } {
    const { step, setBack } = this.#clockWatch;
    return { step, setBack };
  }

  get ledgerSize(): number {
    return this.#context.keeper.size;
  }

  /** How what is true was come by at the start. */
  get derivation(): Derivation {
    return this.#context.keeper.derivation;
  }

  /** What proves the ledger: its newest checkpoint, its tiles, and how the making of checkpoints is doing. */
  get proof(): LedgerProof {
    return this.#context.keeper.proof;
  }

  /** An admin's own grant, with its certificate. */
  issueGrant(ask: GrantAsk): Promise<IssuedGrant | GrantRefused> {
    return issueGrant(this.#context, ask);
  }

  /** A certificate over all live grants of an identity. */
  certify(ask: CertificateAsk): Promise<Certified | CertificateRefused> {
    return certify(this.#context, ask);
  }

  /** Locks an identity, a target or a serial; resolves with the sessions that were cut. */
  lock(subject: LockSubject, by: string, reason: string): Promise<readonly SessionId[]> {
    return lock(this.#context, subject, by, reason);
  }

  /** Lifts a lock; one that is not there stays so. */
  unlock(subject: LockSubject, by: string, reason: string): Promise<void> {
    return unlock(this.#context, subject, by, reason);
  }

  /** Takes back a grant that state knows; resolves with the sessions that were cut. */
  revokeGrant(grant: GrantId, by: string, reason: string): Promise<readonly SessionId[]> {
    return revokeGrant(this.#context, grant, by, reason);
  }

  /** Revokes a serial that state knows, or any key by its fingerprint; resolves with the sessions that were cut. */
  revokeCertificate(
    what: { readonly serial: string } | { readonly fingerprint: string },
    by: string,
    reason: string,
  ): Promise<readonly SessionId[]> {
    return revokeCertificate(this.#context, what, by, reason);
  }

  /** Whether somebody who logged in by ssh could still do so by what they came with. */
  isStillIn(caller: ProvenCaller): boolean {
    return isStillIn(this.#context, caller);
  }

  /** Gives the commands that people send by ssh to a runner; before, they are told to try again. */
  serveCommands(runner: CommandRunner): void {
    this.#proxies.serveCommands(runner);
  }

  /** Ends a live session. */
  killSession(session: SessionId, by: string, reason: string): Promise<void> {
    return killSession(this.#context, session, by, reason);
  }

  /** The OpenSSH key revocation list. */
  revocationList(): Buffer {
    const { keeper, authority } = this.#context;
    return revocationList(keeper.state, authority.userCa, keeper.size, this.nowMs);
  }

  /** Where a session's recording lies. */
  recordingPath(session: SessionState): string {
    return recordingPath(this.config, session);
  }

  /** Writes down that somebody is about to read a recording; resolves when that is on the disk. */
  noteReading(session: SessionId, by: string, how: ReadingWay): Promise<void> {
    return this.#context.keeper.record({ type: "recording.read", session, by, how });
  }

  /** The ledger from entry `from` on. */
  history(from = 0): AsyncIterable<LedgerRecord<AccessEvent>> {
    return this.#context.keeper.read(from);
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
