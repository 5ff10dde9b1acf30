import assert from "node:assert/strict";
import { ChannelError, ChannelTable } from "../../../src/proxy/channel-table.js";

describe("proxy/channel-table", () => {
  it("finds a channel by the number of whoever receives, once both have given one", () => {
    const table = new ChannelTable();
    const channel = table.open("client", "session", 7);
    assert.equal(table.recipientOf("target", 7), channel);
    assert.throws(() => table.recipientOf("client", 3), ChannelError);
    table.confirm(channel, "target", 3);
    assert.equal(table.recipientOf("client", 3), channel);
    assert.equal(table.recipientOf("target", 7), channel);
    assert.throws(() => table.recipientOf("client", 7), ChannelError);
  });

  it("numbers channels for the recording in the order of opening, whoever opens them", () => {
    const table = new ChannelTable();
    const ids = [
      table.open("client", "session", 0),
      table.open("target", "x11", 0),
      table.open("client", "a", 1),
    ];
    assert.deepEqual(
      ids.map(({ id }) => id),
      [1, 2, 3],
    );
  });

  it("refuses a number that its owner uses already", () => {
    const table = new ChannelTable();
    const first = table.open("client", "session", 7);
    table.confirm(first, "target", 3);
    assert.throws(() => table.open("client", "session", 7), ChannelError);
    const second = table.open("client", "session", 8);
    assert.throws(() => table.confirm(second, "target", 3), ChannelError);
  });

  it("forgets a channel under both numbers, which may then be used again", () => {
    const table = new ChannelTable();
    const channel = table.open("client", "session", 7);
    table.confirm(channel, "target", 3);
    table.remove(channel);
    assert.equal(table.size, 0);
    assert.throws(() => table.recipientOf("target", 7), ChannelError);
    const again = table.open("client", "session", 7);
    table.confirm(again, "target", 3);
    assert.deepEqual([...table], [again]);
    assert.equal(again.id, 2);
  });

  it("counts channels that wait for an answer", () => {
    const table = new ChannelTable();
    table.open("client", "session", 1);
    table.open("client", "session", 2);
    table.open("target", "x11", 1);
    assert.equal(table.size, 2);
  });
});
