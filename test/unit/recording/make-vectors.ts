/**
 * Made test/vectors/recording/v1. Not to be run over it again once it was released: old files stay readable for ever. It is kept to
 * say how they came about, and to make the next version's (`node dist/test/unit/recording/make-vectors.js DIR`).
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeAuditorPrivateKey,
  generateAuditorKey,
  openRecording,
  parseAuditorPrivateKey,
  verifyRecording,
  wrapDataKey,
} from "../../../src/recording/index.js";
import { apartKey, dataKey, gathered } from "./samples.js";
import { frameLine, makeVector, type VectorKeys } from "./vectors.js";

const folder = process.argv[2];
if (folder === undefined) throw new Error("say where to");
await mkdir(folder, { recursive: true });

/** Keys are random: those that are there stay, or every hash would change. */
const keys = await readFile(join(folder, "keys.json"), "utf8").then(
  (text) => JSON.parse(text) as VectorKeys,
  makeKeys,
);
const { alice, bob, carol } = keys.auditors;
const [dataKeys, apartKeys] = [[alice, bob].map(parseAuditorPrivateKey), [parseAuditorPrivateKey(carol)]];
for (const name of ["session", "interrupted", "redacted"] as const) {
  const path = join(folder, `${name}.bsr`);
  await writeFile(path, await makeVector(name, keys), { flag: "wx" });
  const { bytes, blocks, hash, state, tornBytes } = await verifyRecording(path);
  const reader = await openRecording(path, dataKeys, apartKeys);
  const frames = (await gathered(reader.frames())).map(frameLine);
  await reader.close();
  const withoutApart = await openRecording(path, dataKeys);
  const withheld = (await gathered(withoutApart.frames())).map(frameLine);
  await withoutApart.close();
  await write(`${name}.json`, {
    head: { bytes, blocks, hash },
    state,
    tornBytes,
    header: reader.header,
    unprovenFrames: reader.ending?.unprovenFrames,
    frames,
    withheld,
  });
}

async function makeKeys(): Promise<VectorKeys> {
  const [alice, bob, carol] = [generateAuditorKey(), generateAuditorKey(), generateAuditorKey()];
  const toCarol = await wrapDataKey(apartKey, [carol], "apart");
  const made: VectorKeys = {
    auditors: {
      alice: encodeAuditorPrivateKey(alice),
      bob: encodeAuditorPrivateKey(bob),
      carol: encodeAuditorPrivateKey(carol),
    },
    keys: [...(await wrapDataKey(dataKey, [alice])), ...toCarol],
    rewrapped: [...(await wrapDataKey(dataKey, [bob])), ...toCarol],
  };
  await write("keys.json", made);
  return made;
}

function write(name: string, value: unknown): Promise<void> {
  return writeFile(join(folder ?? "", name), `${JSON.stringify(value, undefined, 1)}\n`, { flag: "wx" });
}
