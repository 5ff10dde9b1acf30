/** Prints the CPU seconds that sealing a gigabyte takes, in the blocks that bulk data comes in; unsealed they would be written as they are. */
import { randomBytes } from "node:crypto";
import { BlockCipher } from "../src/recording/block-cipher.js";
import { BlockKind, blockPrefixBytesMax, tagBytes } from "../src/recording/block.js";
import { Chain } from "../src/recording/chain.js";

/** What the recorder puts into one block when there is much. */
const blockBytes = 64 * 1024;
const warmUpBlocks = 1000;
const gigabytes = 0.5;

const cipher = new BlockCipher(randomBytes(32), "ses-bench");
const [plain, chain] = [randomBytes(blockBytes), new Chain()];
const target = Buffer.allocUnsafeSlow(blockPrefixBytesMax + blockBytes + tagBytes);

seal(warmUpBlocks);
const before = process.cpuUsage();
seal(Math.ceil((gigabytes * 1e9) / blockBytes));
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1e6 / gigabytes));

function seal(blocks: number): void {
  for (let sealed = 0; sealed < blocks; sealed++) cipher.seal(BlockKind.sealed, plain, chain, target);
}
