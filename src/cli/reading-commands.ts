import { Option, type Command } from "commander";
import type { ExportFormat } from "../recording/index.js";
import { groupOf, hintsOf } from "./hints.js";
import { channelNumber, durationMs, speedFactor } from "./numbers.js";
import type { ProofWish } from "./offline/proof.js";
import type { RedactFlags } from "./offline/redact.js";
import type { ReplayWish } from "./offline/replay.js";
import type { VerifyWish } from "./offline/verify.js";
import { pastMoment } from "./past-moment.js";

type OnExit = (exit: number) => void;
const KEY = ["--key <file>", "the auditor's private key; else the one in the bastion's home"] as const;
const APART_KEY = [
  "--apart-key <file>",
  "of a file, also what was typed unseen: the private key for that",
] as const;

/** As recording/ knows them; the compiler sees to it that none is missing. */
const FORMATS: Readonly<Record<ExportFormat, true>> = {
  ...{ "asciicast-v2": true, "asciicast-v3": true },
  ...{ text: true, jsonl: true },
};

/** Commands that read files here, with or without a bastion. What they need is loaded when they run. */
export function addReadingCommands(program: Command, onExit: OnExit): void {
  for (const how of ["replay", "watch"] as const) addReplay(program, how, onExit);
  addExport(program, onExit);
  addRedact(program, onExit);
  addRewrap(program, onExit);
  addUnseal(program, onExit);
  addProof(program, onExit);
  addVerify(program, onExit);
  groupOf(program, "cert", "Certificates")
    .command("show <file>")
    .description("Prints what a certificate says, without a bastion")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  bascule cert show ~/.ssh/id_ed25519-cert.pub")
    .action(async (file: string, { json = false }: { json?: boolean }) => {
      const { certShow } = await import("./offline/cert-show.js");
      onExit(await certShow(file, json));
    });
}

interface ReplayFlags {
  readonly key?: string;
  readonly apartKey?: string;
  readonly speed?: number;
  readonly skipIdle?: number | true;
  readonly keys?: boolean;
  readonly channel?: number;
  readonly start?: number;
}

/** What `--skip-idle` without a number shortens pauses to. */
const IDLE_MS = 1000;

function addReplay(program: Command, how: "replay" | "watch", onExit: OnExit): void {
  program
    .command(how)
    .description(how === "replay" ? "Plays a recorded session in the terminal" : "Follows a live session")
    .argument("<session>", how === "replay" ? "ses-…, what begins it, or a file" : "ses-…, or what begins it")
    .option(...KEY)
    .option(...APART_KEY)
    .option("--speed <factor>", "2 is twice as fast", speedFactor)
    .option("--skip-idle [span]", "shorten longer pauses to this, 1s unless said", durationMs)
    .option("--keys", "show keystrokes too, dots where the terminal did not echo")
    .option("--channel <n>", "the channel to begin with", channelNumber)
    .option("--start <span>", "where to begin", durationMs)
    .addHelpText(
      "after",
      `\nKeys: space pause, ← → ten seconds back and on, + - speed, i skip idle, n next channel, q quit\n\nExamples:\n  bascule ${how} ses-0f3k --skip-idle`,
    )
    .action(async (session: string, flags: ReplayFlags, self: Command) => {
      const { replayCommand } = await import("./offline/replay.js");
      onExit(await replayCommand(session, how, wishOf(flags), hintsOf(self)));
    });
}

function wishOf({ skipIdle, start, keys = false, ...same }: ReplayFlags): ReplayWish {
  return {
    ...same,
    showKeys: keys,
    ...(skipIdle !== undefined && { skipIdleMs: skipIdle === true ? IDLE_MS : skipIdle }),
    ...(start !== undefined && { startMs: start }),
  };
}

function addExport(program: Command, onExit: OnExit): void {
  type Flags = {
    key?: string;
    apartKey?: string;
    format: ExportFormat;
    channel?: number;
    keys?: boolean;
    output?: string;
  };
  program
    .command("export")
    .description("Writes a recorded session in another format")
    .argument("<session>", "ses-…, what begins it, or a file")
    .addOption(
      new Option("--format <name>", "the format").choices(Object.keys(FORMATS)).default("asciicast-v2"),
    )
    .option(...KEY)
    .option(...APART_KEY)
    .option("--channel <n>", "only this channel", channelNumber)
    .option("--keys", "keystrokes too")
    .option("--output <file>", "a new file instead of stdout")
    .addHelpText(
      "after",
      "\nExamples:\n  bascule export ses-0f3k --format text\n  bascule export x.bsr > x.cast",
    )
    .action(async (session: string, flags: Flags, self: Command) => {
      const { exportCommand } = await import("./offline/export.js");
      onExit(await exportCommand(session, flags, hintsOf(self)));
    });
}

function addRedact(program: Command, onExit: OnExit): void {
  program
    .command("redact")
    .description("Finds the blocks of a time in a recording, for a redactor to have them destroyed")
    .argument("<session>", "ses-…, what begins it, or a file")
    .option("--from <time>", "first second that is to go, as the player shows it: 1:02")
    .option("--to <time>", "last second that is to go")
    .option(
      "--channel <n>",
      "the channel whose clock is meant, else the first session channel",
      channelNumber,
    )
    .option("--blocks <range>", "instead of times, the blocks: 12-15; asked of the bastion at once")
    .option("--reason <text>", "why; it stands in their place for ever")
    .option(...KEY)
    .addHelpText(
      "after",
      "\nPrints the line by which a redactor asks for it; nothing is changed here." +
        '\n\nExamples:\n  bascule redact ses-0f3k --from 1:02 --to 1:05 --reason "a password was pasted"' +
        '\n  bascule redact x.bsr --from 1:02 --to 1:05 --key auditor.jwk --reason "personal data"',
    )
    .action(async (session: string, flags: RedactFlags, self: Command) => {
      const { redactCommand } = await import("./offline/redact.js");
      onExit(await redactCommand(session, flags, hintsOf(self)));
    });
}

function addRewrap(program: Command, onExit: OnExit): void {
  type Flags = {
    to?: string[];
    remove?: string[];
    apart?: boolean;
    key?: string;
    allSessions?: boolean;
    since?: string;
    statement?: string;
  };
  program
    .command("rewrap")
    .description("Lets other auditors open recordings, with the key of one who can")
    .argument("[session]", "ses-…, what begins it, or a file")
    .option("--to <auditor...>", "a name in recording.sealTo, or bascule-auditor:…")
    .option("--remove <auditor...>", "who is to be left out; copies that they made stay open to them")
    .option("--apart", "what was typed unseen as well")
    .option("--all-sessions", "every recording of the bastion that is over")
    .option("--since <when>", "those since a day or for a span: 2026-11-01, 30d")
    .option("--statement <file>", "hand in what was made elsewhere; - for stdin")
    .option(...KEY)
    .addHelpText(
      "after",
      "\nOf a file it prints a statement for the bastion, which never sees a recording's key." +
        "\n\nExamples:\n  bascule rewrap ses-0f3k --to carol\n  bascule rewrap --all-sessions --to carol" +
        "\n  bascule rewrap x.bsr --to bascule-auditor:… --key mine.jwk > statement",
    )
    .action(async (session: string | undefined, flags: Flags, self: Command) => {
      const { rewrapCommand } = await import("./offline/rewrap.js");
      const { to = [], remove = [], apart = false, allSessions = false, ...rest } = flags;
      onExit(await rewrapCommand(session, { to, remove, apart, allSessions, ...rest }, hintsOf(self)));
    });
}

function addUnseal(program: Command, onExit: OnExit): void {
  program
    .command("unseal")
    .description("Wraps the key of what was typed on a recording's terminals to an auditor")
    .argument("<file>", "the recording: SESSION.bsr")
    .requiredOption("--to <auditor>", "the auditor's public key, bascule-auditor:…")
    .requiredOption("--key <file>", "a private key that opens what was typed, one of recording.sealApartTo")
    .addHelpText(
      "after",
      "\nPrints a statement for the bastion, which takes it from an unsealer and for somebody else." +
        "\n\nExamples:\n  bascule unseal x.bsr --to bascule-auditor:… --key apart.jwk > statement" +
        '\n  ssh bastion unseal ses-0f3k --for bob --to bascule-auditor:… --reason "INC-42" - < statement',
    )
    .action(async (file: string, wish: { to: string; key: string }, self: Command) => {
      const { unsealCommand } = await import("./offline/unseal.js");
      onExit(await unsealCommand(file, wish, hintsOf(self)));
    });
}

function addProof(program: Command, onExit: OnExit): void {
  program
    .command("proof")
    .description("Takes a session's proof, to be checked on another machine without a bastion")
    .argument("<session>", "ses-…, or what begins it")
    .option("--out <dir>", "a new folder; else a tar archive on stdout")
    .option("--recordings <dir>", "where the recordings lie, when not in the home")
    .option("--archive <dir>", "where those lie that were archived")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nIts entries with their proofs, the signed checkpoint, the policy, the sealed recording, and a README." +
        "\nIt reads files: the home's own, or a copy's. A bastion that is at work there writes down that it was taken." +
        "\n\nExamples:\n  bascule proof ses-0f3k --out ses-0f3k\n  bascule --home /mnt/copy proof ses-0f3k > bundle.tar",
    )
    .action(async (session: string, wish: ProofWish, self: Command) => {
      const { proofCommand } = await import("./offline/proof.js");
      onExit(await proofCommand(session, wish, hintsOf(self)));
    });
}

function addVerify(program: Command, onExit: OnExit): void {
  const each = (value: string, before: readonly string[] = []) => [...before, value];
  program
    .command("verify")
    .description(
      "Proves a ledger and its recordings whole and unchanged, from files alone, without a bastion",
    )
    .argument("[what...]", "homes, copies of them, addresses of them, or recordings; else the bastion's home")
    .option(
      "--verifier <key>",
      "the log's or a witness' verifier key, or a file of them; again for more",
      each,
    )
    .option("--checkpoint <file>", "an older checkpoint, which the ledger must contain; again for more", each)
    .option(
      "--since <time>",
      "only recordings of sessions from then on; the ledger is checked whole",
      pastMoment,
    )
    .option("--until <time>", "only recordings of sessions that began before", pastMoment)
    .option("--key <file>", "an auditor's private key, to open every seal as well; again for more", each)
    .option("--recordings <dir>", "where the recordings lie, when not in the home")
    .option("--archive <dir>", "where those lie that were archived")
    .option("--token <file>", "an auditor's bearer token, for a bastion's own address; else BASCULE_TOKEN")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExits 0 when everything is whole, 5 when something is not, and names the file. The log's key belongs to whoever" +
        "\nverifies: one that comes with the evidence could have been replaced with it. A recording alone, without its ledger" +
        "\nor a key, is only checked for its form." +
        "\n\nExamples:\n  bascule verify\n  bascule verify /mnt/copy --verifier log.vkey --checkpoint last-month.txt" +
        "\n  bascule verify https://bastion.example/v1/evidence --token auditor.token --verifier log.vkey" +
        "\n  bascule verify ses-0f3k.bsr --key auditor.jwk",
    )
    .action(async (whats: readonly string[], wish: VerifyWish, self: Command) => {
      const { verifyCommand } = await import("./offline/verify.js");
      onExit(await verifyCommand(whats, wish, hintsOf(self)));
    });
}
