import { RpcError, type ReportName, type Reports } from "../../rpc/index.js";
import { bytesOf } from "../base64.js";
import type { CarriedTerminal, CommandRunner } from "./carried-command.js";
import { RunningCommand, type CommandCarrier } from "./carried-command-run.js";
import { CommandAborted } from "./command-aborted.js";
import type { DecisionContext } from "../decision-context.js";
import { recordDenial } from "../refusals/denials.js";
import { judgeLogin } from "../logins/identify.js";
import type { Login, Logins } from "../logins/logins.js";
import type { RefusalReason } from "../refusals/refusal.js";

/** Commands at once of one login; `proxy/front` opens no more channels for them. */
const COMMANDS_PER_LOGIN_MAX = 8;
/** The same over all connections: whoever opens many, or never reads, leaves room for others, who may want to lock them. */
const COMMANDS_PER_IDENTITY_MAX = 64;
/** Commands at once of one proxy: what each may hold is `commandWindowBytes` each way. */
const COMMANDS_PER_PROXY_MAX = 1000;
/** Refused commands of one login, each a ledger entry; then the login is forgotten. */
const REFUSALS_MAX = 50;
const TERMINAL_SIDE_MAX = 1000;
const TERM = /^[A-Za-z0-9._+-]{1,64}$/u;
/** Signals that mean "stop"; what else there is has no meaning here. */
const STOPPING: ReadonlySet<string> = new Set(["INT", "TERM", "HUP", "QUIT"]);

/** Exit statuses; the same as those of commands/. */
const FAILED = 1;
const DENIED = 3;
/** Why a login that was good may be so no more without anybody's doing. */
const EXPIRY: ReadonlySet<RefusalReason> = new Set<RefusalReason>(["expired"]);
/** EX_TEMPFAIL */
const TRY_LATER = 75;
const INTERRUPTED = 130;

export const CONNECT_AGAIN = "bascule: the bastion was restarted since you logged in; connect again";

/** A proxy as far as its commands go. */
export interface CommandProxy extends CommandCarrier {
  readonly name: string;
}

/** What proxies say of commands. */
export type CommandReport = {
  [N in ReportName & `command${string}`]: { readonly name: N; readonly params: Reports[N] };
}[ReportName & `command${string}`];

/** The commands that people send by ssh, between the proxies that carry them and the runner that answers them. */
export class CarriedCommands {
  readonly #context: DecisionContext;
  readonly #logins: Logins<CommandProxy>;
  readonly #running = new Map<CommandProxy, Map<number, RunningCommand>>();
  /** Of those that run, whose they are. */
  readonly #owners = new Map<RunningCommand, { readonly proxy: CommandProxy; readonly login: Login }>();
  #runner: CommandRunner | undefined;

  constructor(context: DecisionContext, logins: Logins<CommandProxy>) {
    this.#context = context;
    this.#logins = logins;
    const onFault = (error: unknown) => context.log.error({ error: String(error) }, "commands not judged");
    context.keeper.watch(({ entry: { type } }) => {
      if (type === "lock.set" || type === "certificate.revoked") this.judgeAll();
    }, onFault);
  }

  /** Ends what runs for logins that are not good any more: a menu, a wait. That a certificate ran out ends nothing. */
  judgeAll(): void {
    for (const [command, { proxy, login }] of this.#owners)
      this.#judge(proxy, login, EXPIRY).then(
        (words) => words === undefined || command.refuse(words),
        (error: unknown) => this.#context.log.error({ error: String(error) }, "command not judged"),
      );
  }

  serve(runner: CommandRunner): void {
    this.#runner = runner;
  }

  /** Throws RpcError `PROTOCOL` for what no honest proxy says. What is said of a command that has just ended is nothing. */
  take(proxy: CommandProxy, report: CommandReport): void {
    if (report.name === "commandStarted") {
      this.#start(proxy, report.params);
      return;
    }
    const { command: number } = report.params;
    const command = this.#running.get(proxy)?.get(number);
    if (!command) return;
    switch (report.name) {
      case "commandInput":
        if (!command.receive(bytesOf(report.params.bytes), report.params.isEnd))
          throw new RpcError("PROTOCOL", `command ${number}: more input than was granted`);
        return;
      case "commandResized":
        command.resized({ columns: side(report.params.columns), rows: side(report.params.rows) });
        return;
      case "commandSignalled":
        if (STOPPING.has(report.params.signal)) command.interrupt();
        return;
      case "commandTaken":
        command.taken(report.params.bytes);
        return;
      case "commandGone":
        command.gone();
    }
  }

  proxyGone(proxy: CommandProxy): void {
    for (const command of this.#running.get(proxy)?.values() ?? []) command.gone();
    this.#running.delete(proxy);
  }

  #start(
    proxy: CommandProxy,
    { login: id, command: number, asked, terminal }: Reports["commandStarted"],
  ): void {
    const own = this.#running.get(proxy) ?? new Map<number, RunningCommand>();
    if (own.has(number)) throw new RpcError("PROTOCOL", `command ${number} twice`);
    const login = this.#logins.of(proxy, id);
    if (login === undefined || own.size >= COMMANDS_PER_PROXY_MAX) {
      const words = login === undefined ? CONNECT_AGAIN : "bascule: too many commands at once; try again";
      refuse(proxy, number, words);
      return;
    }
    const command = new RunningCommand(proxy, {
      number,
      caller: login.caller,
      line: asked.kind === "line" ? asked.line : undefined,
      terminal: terminal.kind === "none" ? undefined : checkTerminal(terminal),
    });
    this.#running.set(proxy, own.set(number, command));
    login.commands += 1;
    this.#owners.set(command, { proxy, login });
    void this.#run(proxy, login, command).then(async (exit) => {
      login.commands -= 1;
      this.#owners.delete(command);
      await command.end(exit);
      own.delete(number);
    });
  }

  /** Never rejects. */
  async #run(proxy: CommandProxy, login: Login, command: RunningCommand): Promise<number> {
    try {
      if (login.commands > COMMANDS_PER_LOGIN_MAX)
        return await say(command, "bascule: too many commands at once on one connection", TRY_LATER);
      if (this.#runningOf(login.caller.identity) > COMMANDS_PER_IDENTITY_MAX)
        return await say(command, "bascule: too many of your commands at once", TRY_LATER);
      const refused = await this.#judge(proxy, login);
      if (refused !== undefined) return await say(command, refused, DENIED);
      const runner = this.#runner;
      if (!runner) return await say(command, "bascule: the bastion is just starting; try again", TRY_LATER);
      command.signal.throwIfAborted(); // the person may have left meanwhile
      const exit = (await runner(command)) & 0xff;
      return isRefused(command.signal.reason) ? await this.#failed(command, command.signal.reason) : exit;
    } catch (error) {
      return this.#failed(command, error);
    }
  }

  #runningOf(identity: string): number {
    const all = [...this.#running.values()].flatMap((own) => [...own.values()]);
    return all.filter(({ caller }) => caller.identity === identity).length;
  }

  /** A login is judged again for each command: a lock or a revocation counts at once. Gives the words of a refusal. */
  async #judge(
    proxy: CommandProxy,
    login: Login,
    besides?: ReadonlySet<RefusalReason>,
  ): Promise<string | undefined> {
    const { proof, clientAddress } = login.caller;
    const verdict = judgeLogin(this.#context, proof, clientAddress);
    if (verdict.ok || besides?.has(verdict.reason) === true) return undefined;
    login.refusals += 1;
    if (login.refusals >= REFUSALS_MAX) this.#logins.forget(proxy, login.id);
    const { text } = await recordDenial(this.#context, "authorise", verdict, clientAddress);
    return text;
  }

  async #failed(command: RunningCommand, error: unknown): Promise<number> {
    if (isRefused(error)) return say(command, error.message, DENIED);
    if (error instanceof CommandAborted) return INTERRUPTED;
    this.#context.log.error(
      { error: error instanceof Error ? error.message : String(error) },
      "command failed",
    );
    return say(command, "bascule: the command failed; an admin finds why in the log", FAILED).catch(
      () => FAILED,
    );
  }
}

function isRefused(reason: unknown): reason is CommandAborted {
  return reason instanceof CommandAborted && reason.code === "refused";
}

async function say(command: RunningCommand, words: string, exit: number): Promise<number> {
  if (words !== "") await command.write("stderr", `${words}\n`);
  return exit;
}

function refuse(proxy: CommandProxy, command: number, words: string): void {
  const bytes = Buffer.from(`${words}\n`).toString("base64");
  proxy.send("commandOutput", { command, stream: "stderr", bytes });
  proxy.send("commandEnded", { command, exit: TRY_LATER });
}

/** Throws RpcError `PROTOCOL`: proxies pass on only what is within these bounds. */
function checkTerminal({ term, columns, rows }: CarriedTerminal): CarriedTerminal {
  if (!TERM.test(term)) throw new RpcError("PROTOCOL", "a terminal's name that no proxy passes on");
  return { term, columns: side(columns), rows: side(rows) };
}

function side(cells: number): number {
  return Math.min(Math.max(cells, 1), TERMINAL_SIDE_MAX);
}
