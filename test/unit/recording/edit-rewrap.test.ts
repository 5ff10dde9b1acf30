import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  commitRewrite,
  compareRewrap,
  encodeAuditorPublicKey,
  encodeRewrap,
  generateAuditorKey,
  keysSubstitute,
  makeRewrap,
  openRecording,
  parseRewrap,
  prepareRewrite,
  readWrappedKeys,
  substituteFaults,
  unwrapDataKey,
  verifyRecording,
  wrapDataKey,
  type AuditorPrivateKey,
  type RewrapStatement,
} from "../../../src/recording/index.js";
import { RecordingFolder } from "./edit-on-disk.js";
import { recordingOf } from "./memory-file.js";
import { apartKey, dataKey, header, shell, shown } from "./samples.js";

describe("recording/edit re-wrap", () => {
  const folder = new RecordingFolder();
  const [bob, carol, dave] = [generateAuditorKey(), generateAuditorKey(), generateAuditorKey()];
  let original: Buffer;
  before(async () => {
    const keys = [...(await wrapDataKey(dataKey, [bob])), ...(await wrapDataKey(apartKey, [bob], "apart"))];
    original = await recordingOf([shell(), [shown(1000, "hello")]], {
      header: { ...header, keys },
    });
  });
  beforeEach(() => folder.put(original));

  const wish = (
    to: AuditorPrivateKey[],
    remove: AuditorPrivateKey[] = [],
    apartTo: AuditorPrivateKey[] = [],
  ) => ({
    ...{ to, remove, apartTo },
  });
  async function made(by: AuditorPrivateKey, changes: ReturnType<typeof wish>): Promise<RewrapStatement> {
    const statement = await makeRewrap(folder.path, [by], changes);
    assert.ok(statement);
    return statement;
  }
  /** As control does it, without its rules. */
  async function putIn(statement: RewrapStatement): Promise<string> {
    const now = await readWrappedKeys(folder.path);
    compareRewrap(statement, now);
    const { block, digest } = keysSubstitute(now, { keys: statement.keys, by: "bob", atMs: 1 });
    const substitute = ({ number }: { number: number }) => (number === 1 ? block : undefined);
    await commitRewrite(await prepareRewrite({ path: folder.path, substitute }));
    return digest;
  }
  const opens = async (auditor: AuditorPrivateKey): Promise<boolean> => {
    try {
      await (await openRecording(folder.path, [auditor])).close();
      return true;
    } catch (error) {
      assert.equal((error as { code: string }).code, "key-not-for-us");
      return false;
    }
  };

  it("opens for who was added, still for who was there, and the chain stays what it was", async () => {
    const head = await verifyRecording(folder.path);
    const digest = await putIn(await made(bob, wish([carol])));
    assert.deepEqual([await opens(bob), await opens(carol), await opens(dave)], [true, true, false]);
    const now = await verifyRecording(folder.path, [head]);
    assert.equal(now.hash, head.hash);
    assert.deepEqual(substituteFaults(now.substitutes, { rewrapped: { substitute: digest } }), []);
    assert.equal(substituteFaults(now.substitutes, {})[0]?.code, "substitute-unknown");
  });

  it("goes on from one re-wrap to the next, the substitute standing for the first keys", async () => {
    const { first } = await readWrappedKeys(folder.path);
    const head = await verifyRecording(folder.path);
    await putIn(await made(bob, wish([carol])));
    const digest = await putIn(await made(carol, wish([dave], [bob])));
    assert.deepEqual([await opens(bob), await opens(carol), await opens(dave)], [false, true, true]);
    assert.deepEqual((await readWrappedKeys(folder.path)).first, first);
    const now = await verifyRecording(folder.path, [head]);
    assert.deepEqual(substituteFaults(now.substitutes, { rewrapped: { substitute: digest } }), []);
  });

  it("gives the second key only where that is wished, by who holds it", async () => {
    await putIn(await made(bob, wish([carol])));
    const apart = async () => unwrapDataKey((await readWrappedKeys(folder.path)).keys, [carol], "apart");
    await assert.rejects(apart(), { code: "key-not-for-us" });
    await assert.rejects(makeRewrap(folder.path, [carol], wish([dave], [], [dave])), {
      code: "key-not-for-us",
    });
    await putIn(await made(bob, wish([], [], [carol])));
    assert.deepEqual(await apart(), apartKey);
  });

  it("makes nothing where nothing is to be done", async () => {
    assert.equal(await makeRewrap(folder.path, [bob], wish([bob], [dave])), undefined);
  });

  it("refuses who cannot open it, a key that is not the header's, and to leave nobody", async () => {
    await assert.rejects(makeRewrap(folder.path, [dave], wish([carol])), { code: "key-not-for-us" });
    await assert.rejects(makeRewrap(folder.path, [bob], wish([], [bob])), { code: "key-not-for-us" });
    const forged = await wrapDataKey(randomBytes(32), [dave]);
    const now = await readWrappedKeys(folder.path);
    await putIn({ session: header.session, replaces: now.digest, keys: [...now.keys, ...forged] });
    await assert.rejects(makeRewrap(folder.path, [dave], wish([carol])), { code: "key-commitment" });
  });

  it("reads a statement back as it was, and nothing looser", async () => {
    const statement = await made(bob, wish([carol]));
    const text = encodeRewrap(statement);
    assert.deepEqual(parseRewrap(text), statement);
    assert.equal(text.includes(dataKey.toString("base64url")), false);
    for (const bad of [
      text.replace("{", "{ "),
      text.replace('"session"', '"Session"'),
      `${text.trim()}{}`,
      "",
      "[]",
    ])
      assert.throws(() => parseRewrap(bad), { code: "substitute-invalid" }, bad);
    const badKey = text.replace(encodeAuditorPublicKey(carol), "bascule-auditor:x");
    assert.throws(() => parseRewrap(badKey), { code: "auditor-key-invalid" });
  });

  const spoiled: Record<string, (statement: RewrapStatement) => RewrapStatement> = {
    "another-session": (made) => ({ ...made, session: "ses-other" }),
    "another-state-of-the-keys": (made) => ({ ...made, replaces: "0".repeat(64) }),
    "a-changed-key-of-who-is-there": (made) => ({
      ...made,
      keys: made.keys.map((key, at) => (at === 0 ? { ...key, jwe: made.keys.at(-1)!.jwe } : key)),
    }),
    "an-auditor-twice": (made) => ({ ...made, keys: [...made.keys, made.keys.at(-1)!] }),
    nobody: (made) => ({ ...made, keys: made.keys.filter((key) => key.opens === "apart") }),
  };
  for (const [name, spoil] of Object.entries(spoiled))
    it(`refuses a statement with ${name}`, async () => {
      const statement = spoil(await made(bob, wish([carol])));
      const now = await readWrappedKeys(folder.path);
      assert.throws(() => compareRewrap(statement, now), { code: "substitute-invalid" });
    });
});
