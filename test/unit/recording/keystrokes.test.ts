import assert from "node:assert/strict";
import fc from "fast-check";
import { Keystrokes } from "../../../src/recording/keystrokes.js";

/** Plays typing (`>`) and echo (`<`), a tenth of a second apart or as said, and gives what may be shown of the typing. */
function shownOf(...steps: readonly (string | number)[]): string[] {
  const keystrokes = new Keystrokes();
  let atUs = 0;
  for (const step of steps) {
    atUs += typeof step === "number" ? step * 1e6 : 100_000;
    if (typeof step === "number") continue;
    if (step.startsWith(">")) keystrokes.typed(step.slice(1), atUs);
    else keystrokes.echoed(step.slice(1), atUs);
  }
  keystrokes.finish();
  assert.equal(keystrokes.waiting, false);
  return keystrokes.takeDecided().map(({ text }) => text);
}

describe("recording/keystrokes", () => {
  for (const [name, steps, shown] of [
    ["a command that echoes", [">l", "<l", ">s", "<s", ">\r", "<\r\nfile"], ["ls\r"]],
    ["a pasted command", [">ls -l\r", "<ls -l\r\n"], ["ls -l\r"]],
    ["two pasted commands", [">a\rb\r", "<a\r\nb\r\n"], ["a\r", "b\r"]],
    ["echo with colours between", [">ls", "<\x1b[32ml\x1b[0m\x1b[32ms\x1b[0m", ">\r", "<\n"], ["ls\r"]],
    ["arrow keys and control keys", [">\x1b[A", ">\x1bOB", ">\x03", "<^C\r\n"], ["\x1b[A\x1bOB\x03"]],
    ["letters beyond ASCII", [">ü", "<ü", ">\r", "<\r\n"], ["ü\r"]],
  ] as const)
    it(`shows ${name}`, () => assert.deepEqual(shownOf(...steps), shown));

  for (const [name, steps, shown] of [
    ["a password", [">s3", ">cret\r", "<\r\nWelcome, s3cret agent"], ["••••••\r"]],
    ["a password of which a letter came by chance", [">ab", "<a", ">\r", "<\r\n"], ["••\r"]],
    ["a password that nothing answers", [">pw"], ["••"]],
    ["a password whose letters come too late", [">pw", 3, "<pw\r\n"], ["••"]],
    ["letters in the wrong order", [">ab\r", "<ba\r\n"], ["••\r"]],
    ["the printables between arrow keys", [">a\x1b[Db", "<\r\n"], ["•\x1b[D•"]],
    ["letters beyond ASCII as one dot each", [">über\r", "<\r\n"], ["••••\r"]],
  ] as const)
    it(`hides ${name}`, () => assert.deepEqual(shownOf(...steps), shown));

  it("hides a password between two commands, and neither of them", () => {
    const steps = [">su\r", "<su\r\nPassword: ", ">hunter2\r", "<\r\n# ", ">id\r", "<id\r\n"];
    assert.deepEqual(shownOf(...steps), ["su\r", "•••••••\r", "id\r"]);
  });

  it("decides a pause: what was echoed until then is shown, the rest begins anew", () => {
    assert.deepEqual(shownOf(">a", "<a", 5, ">b"), ["a", "•"]);
  });

  it("never shows a printable of a line of which one did not come back", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,20}$/u), fc.string(), (secret, noise) => {
        const [first] = shownOf(`>${secret}~`, `<${noise.replaceAll("~", "")}`);
        assert.equal(first, "•".repeat(secret.length + 1));
      }),
    );
  });

  it("hides at once what is more than it can remember", () => {
    const keystrokes = new Keystrokes();
    keystrokes.typed("x".repeat(70_000), 0);
    assert.deepEqual(keystrokes.takeDecided(), [{ text: "•".repeat(70_000), fromUs: 0, fromBlock: 0 }]);
  });

  it("hides what has not come back within much output, and looks no further", () => {
    const keystrokes = new Keystrokes();
    keystrokes.typed("q", 0);
    keystrokes.echoed("-".repeat(70_000), 0);
    assert.equal(keystrokes.waiting, false);
    assert.deepEqual(keystrokes.takeDecided(), [{ text: "•", fromUs: 0, fromBlock: 0 }]);
  });
});
