import assert from "node:assert/strict";
import { statusLine, timeText, type Status } from "../../../../src/cli/replay/status-line.js";

const status: Status = {
  state: "live",
  playing: true,
  speed: 2,
  positionUs: 65e6,
  durationUs: 3_725e6,
  channel: { number: 1, count: 2, title: "shell" },
  typed: undefined,
};

describe("cli/replay/status-line", () => {
  it("tells state, position, speed and channel", () => {
    assert.match(statusLine(status, 120), /^ live {2}▶ 1:05\/1:02:05 {2}2× {2}1\/2 shell {2}space pause/u);
    assert.match(
      statusLine({ ...status, state: "interrupted", playing: false }, 120),
      /^ interrupted {2}‖ /u,
    );
    assert.match(statusLine({ ...status, channel: undefined }, 120), /no session channel/u);
  });

  it("is exactly as wide as the terminal", () => {
    for (const columns of [1, 20, 80, 300])
      assert.equal(Array.from(statusLine(status, columns)).length, columns);
  });

  it("names keys that have no sign", () => {
    assert.match(statusLine({ ...status, typed: "ls\r\t\x7f\x03" }, 120), /keys: ls⏎⇥⌫\^C {2}/u);
  });

  it("lets no command steer the terminal", () => {
    const title = "\x1b]0;owned\x07\x9b2J\u202e";
    assert.doesNotMatch(
      statusLine({ ...status, channel: { number: 1, count: 1, title } }, 200),
      /[\p{Cc}\p{Cf}]/u,
    );
  });

  for (const [us, text] of [
    [-1, "0:00"],
    [59.9e6, "0:59"],
    [3599e6, "59:59"],
    [3600e6, "1:00:00"],
  ] as const)
    it(`writes ${us} µs as ${text}`, () => assert.equal(timeText(us), text));
});
