import type { AccessError, GrantId, SessionId, SessionState } from "../access/index.js";
import type { Config } from "../config/index.js";
import type { HostPort } from "../wording/index.js";
import { checkAuditors } from "./check-auditors.js";
import { ClockWatch } from "./clock-watch.js";
import { systemClocks, type Clocks } from "./clocks.js";
import type { DecisionContext } from "./decision-context.js";
import type { DiskWatch } from "./disk/disk-watch.js";
import { systemFreeSpace, type FreeSpace } from "./disk/free-space.js";
import { GrantClock } from "./grants/grant-clock.js";
import { checkHome, type HomePaths } from "../home/index.js";
import { keepPolicy } from "./keep-policy.js";
import { Keeper } from "./keeper.js";
import { openAuthority } from "./keys/authority.js";
import { openTokenKey } from "./keys/token-key.js";
import type { ControlLog } from "./log.js";
import { ProofMemory } from "./logins/proof-memory.js";
import { TokenDesk } from "./logins/token-desk.js";
import { Outsiders } from "./outsiders.js";
import { Proxies } from "./proxies/proxies.js";
import { Salts } from "./refusals/salts.js";
import { RequestDesk } from "./requests/request-desk.js";
import { inspectRecording } from "./sessions/inspect-recording.js";
import { LiveSessions } from "./sessions/live-sessions.js";
import { tellUnpublished } from "./tell-unpublished.js";
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

/** What control is made of and has to be closed, opened in this order. */
export interface Parts {
  readonly paths: HomePaths;
  /** The configuration in force; the one place that holds it. */
  readonly held: { config: Config };
  readonly context: DecisionContext;
  readonly proxies: Proxies;
  readonly requests: RequestDesk;
  readonly tokens: TokenDesk;
  readonly grantClock: GrantClock;
  readonly clockWatch: ClockWatch;
  readonly outsiders: Outsiders;
  readonly upkeep: Upkeep;
}

/**
 * Opens home, keys and ledger, derives what is true, and listens for proxies; closes what it has opened when a later step fails.
 * Throws ControlError, LedgerError, and AccessError for a ledger whose entries cannot be.
 */
export async function openParts(options: ControlOptions): Promise<Parts> {
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
    return { paths, held, context, proxies, requests, tokens, grantClock, clockWatch, outsiders, upkeep };
  } catch (error) {
    requests?.close();
    grantClock?.stop();
    clockWatch.stop();
    await disk?.stop();
    await keeper.close();
    throw error;
  }
}
