import type { DemoFiles, DemoPerson } from "../start/demo-files.js";
import { DrivenTerminal } from "./driven-terminal.js";
import { runProgram, type ProgramRun } from "./program-run.js";
import { expect, type Report } from "./report.js";

/** Where the tour plays: the bastion's home, the people with their keys, and what is told of them. */
export class Stage {
  readonly report: Report;
  readonly home: string;
  readonly files: DemoFiles;

  constructor(report: Report, home: string, files: DemoFiles) {
    this.report = report;
    this.home = home;
    this.files = files;
  }

  /** Somebody's `ssh WORDS`, told as they would type it; `line` where that differs. */
  ssh(who: DemoPerson, words: readonly string[], line = shellLine(words)): Promise<ProgramRun> {
    this.report.typed(who, `ssh ${line}`);
    return this.#run(who, words);
  }

  /** The same; throws TourError unless it succeeds. What was said to the person is told. */
  async done(who: DemoPerson, words: readonly string[], line?: string): Promise<ProgramRun> {
    const run = await this.ssh(who, words, line);
    expect(run.status === 0, `ssh ended with ${run.status ?? "a signal"}: ${run.stdout}${run.stderr}`);
    return run;
  }

  /** Somebody's `ssh` on a terminal. */
  terminal(who: DemoPerson, words: readonly string[]): DrivenTerminal {
    this.report.typed(who, `ssh ${shellLine(words)}`);
    return new DrivenTerminal("ssh", ["-F", this.files.sshConfigs[who], ...words], this.home);
  }

  #run(who: DemoPerson, words: readonly string[]): Promise<ProgramRun> {
    return runProgram("ssh", ["-F", this.files.sshConfigs[who], ...words], this.home);
  }
}

/** Words as one would type them. */
function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/u.test(word) ? word : `"${word}"`)).join(" ");
}

/** The line with that part in it, without what a terminal would act on; ours from where it begins. */
export function lineWith(text: string, part: string): string {
  const lines = text.replace(/\u001b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[78])/gu, "").split(/\r?\n|\r/u);
  const line = lines.find((one) => one.includes(part)) ?? part;
  return line.slice(Math.max(0, line.indexOf("bascule:")));
}
