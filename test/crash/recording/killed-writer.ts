/** A process that records as fast as it can and says after each flush how far it came and its head, until it is killed. */
import { createRecording } from "../../../src/recording/index.js";
import { apartKey, dataKey, header, shown, typed } from "../../unit/recording/samples.js";

const path = process.argv[2] ?? "";
const onFailure = (error: Error): never => {
  throw error;
};
const clock = { nowUs: () => performance.now() * 1000 };
const durability = { syncEveryMs: 10 };
const writer = await createRecording(path, {
  ...{ header, dataKey, apartKey, durability, clock, onFailure },
});
for (let count = 0; ; count++) {
  writer.append(shown(count, "some output ".repeat(count % 400)), true);
  writer.append(typed(count, `${count}\n`), true);
  writer.flush();
  process.stdout.write(`${JSON.stringify(writer.head())}\n`);
  if (count % 16 === 0) await new Promise(setImmediate);
}
