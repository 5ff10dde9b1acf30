import { join } from "node:path";
import type { DiskLevel } from "../../access/index.js";
import type { Config } from "../../config/index.js";
import { Ballast } from "./ballast.js";
import { worse } from "./disk-level.js";
import { DiskPlaceWatch, type PlaceReport } from "./disk-place.js";
import type { FreeSpace } from "./free-space.js";

/** Of the home's own things `verify` looks below `ledger/` only, and of the recordings' at sessions' files. */
const BALLAST_NAME = ".ballast";

/** The two places that must not become full, which may be one file system. */
export class DiskPlaces {
  readonly #config: () => Config;
  readonly #freeSpace: FreeSpace;
  readonly home: DiskPlaceWatch;
  #recordings: DiskPlaceWatch;

  private constructor(
    config: () => Config,
    freeSpace: FreeSpace,
    home: DiskPlaceWatch,
    recordings: DiskPlaceWatch,
  ) {
    this.#config = config;
    this.#freeSpace = freeSpace;
    this.home = home;
    this.#recordings = recordings;
  }

  static async open(config: () => Config, freeSpace: FreeSpace): Promise<DiskPlaces> {
    const path = config().home;
    const ballast = await Ballast.find(join(path, BALLAST_NAME));
    const home = new DiskPlaceWatch("home", path, ballast, freeSpace);
    const recordings = await recordingsPlace(config(), freeSpace, ballast);
    return new DiskPlaces(config, freeSpace, home, recordings);
  }

  get recordings(): DiskPlaceWatch {
    return this.#recordings;
  }

  /** The worse place, of its level. */
  get worst(): DiskPlaceWatch {
    const { home, recordings } = this;
    return worse(recordings.level, home.level) === recordings.level ? recordings : home;
  }

  /** Measures both, and says how the worse one stands. */
  async look(liveSessions: number): Promise<DiskLevel> {
    const config = this.#config();
    if (this.#recordings.path !== config.recordings)
      this.#recordings = await recordingsPlace(config, this.#freeSpace, this.home.ballast);
    await Promise.all([
      this.home.look(config.disk, liveSessions),
      this.recordings.look(config.disk, liveSessions),
    ]);
    return this.worst.level;
  }

  report(): readonly PlaceReport[] {
    const { disk } = this.#config();
    return [this.recordings.report(disk), this.home.report(disk)];
  }
}

/** On one file system one ballast serves both. */
async function recordingsPlace(
  { home, recordings: path }: Config,
  freeSpace: FreeSpace,
  homes: Ballast,
): Promise<DiskPlaceWatch> {
  const deviceOf = async (of: string) => (await freeSpace.measure(of).catch(() => undefined))?.device;
  const [here, there] = await Promise.all([deviceOf(path), deviceOf(home)]);
  const isShared = here !== undefined && here === there;
  const ballast = isShared ? homes : await Ballast.find(join(path, BALLAST_NAME));
  return new DiskPlaceWatch("recordings", path, ballast, freeSpace);
}
