import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemFiles, type EditFile, type EditFiles } from "../../../src/recording/index.js";

/** A folder with one recording in it, gone after each test. */
export class RecordingFolder {
  #folder = "";

  /** Registers the hooks of the suite that it is called in. */
  constructor() {
    beforeEach(() => (this.#folder = mkdtempSync(join(tmpdir(), "bascule-edit-"))));
    afterEach(() => rmSync(this.#folder, { recursive: true }));
  }

  get path(): string {
    return join(this.#folder, "ses.bsr");
  }

  get names(): string[] {
    return readdirSync(this.#folder).sort();
  }

  get bytes(): Buffer {
    return readFileSync(this.path);
  }

  put(content: Buffer): void {
    writeFileSync(this.path, content);
  }
}

/** The system's files, until the nth step: that fails, before or after it has done its work. All after it fail too, as after a crash. */
export class FaultyFiles implements EditFiles {
  readonly steps: string[] = [];
  readonly #failAt: number;
  readonly #persisted: boolean;

  constructor(failAt = Infinity, persisted = false) {
    this.#failAt = failAt;
    this.#persisted = persisted;
  }

  async create(path: string): Promise<EditFile> {
    let made: EditFile | undefined;
    const create = async () => (made = await systemFiles.create(path));
    const file = await this.#step("create", create).catch(async (error: unknown) => {
      await made?.close();
      throw error;
    });
    return {
      write: (bytes) => this.#step("write", () => file.write(bytes)),
      sync: () => this.#step("sync", () => file.sync()),
      close: () => this.#step("close", () => file.close()),
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step("rename", () => systemFiles.rename(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#step("remove", () => systemFiles.remove(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#step("syncFolder", () => systemFiles.syncFolder(path));
  }

  openOld(path: string): ReturnType<EditFiles["openOld"]> {
    return systemFiles.openOld(path);
  }

  async #step<T>(name: string, work: () => Promise<T>): Promise<T> {
    const number = this.steps.push(name);
    if (number < this.#failAt) return work();
    // a process that dies closes what it had open
    if ((number === this.#failAt && this.#persisted) || name === "close") await work();
    throw Object.assign(new Error(`EIO: injected at ${name}`), { code: "EIO" });
  }
}
