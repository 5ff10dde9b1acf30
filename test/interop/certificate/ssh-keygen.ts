import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The installed `ssh-keygen` in a directory of its own; `close` removes it. */
export class SshKeygen {
  readonly #directory = mkdtempSync(join(tmpdir(), "bascule-ssh-keygen-"));

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  write(name: string, content: string | Buffer): string {
    const path = join(this.#directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.#directory, name), "utf8");
  }

  /** Runs it with the directory as working directory; its output. Throws when it fails. */
  run(args: readonly string[], input?: string | Buffer): string {
    const options = {
      cwd: this.#directory,
      env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" },
      stdio: "pipe",
    } as const;
    return execFileSync("ssh-keygen", args, input === undefined ? options : { ...options, input }).toString(
      "utf8",
    );
  }

  /** Its exit status and its output of both kinds. */
  status(args: readonly string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync("ssh-keygen", args, {
      cwd: this.#directory,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  }
}

/** Arguments of `ssh-keygen` that make a key of each type it can make without hardware. */
export const GENERATE = {
  ed25519: ["-t", "ed25519"],
  nistp256: ["-t", "ecdsa", "-b", "256"],
  nistp384: ["-t", "ecdsa", "-b", "384"],
  nistp521: ["-t", "ecdsa", "-b", "521"],
  rsa: ["-t", "rsa", "-b", "2048"],
} as const;
