import assert from "node:assert/strict";
import {
  kindOfGlobalRequest,
  kindOfOpen,
  kindOfRequest,
  mayCarry,
} from "../../../src/proxy/channel-rules.js";

describe("proxy/channel-rules", () => {
  const opens: [by: "client" | "target", type: string, kind: string | undefined][] = [
    ["client", "session", "session"],
    ["client", "direct-tcpip", "local-forward"],
    ["client", "direct-streamlocal@openssh.com", "local-forward"],
    ["client", "tun@openssh.com", undefined],
    ["client", "x11", undefined],
    ["client", "forwarded-tcpip", undefined],
    ["client", "auth-agent@openssh.com", undefined],
    ["client", "", undefined],
    ["client", "Session", undefined],
    ["target", "session", undefined],
    ["target", "direct-tcpip", undefined],
    ["target", "forwarded-tcpip", "remote-forward"],
    ["target", "forwarded-streamlocal@openssh.com", "remote-forward"],
    ["target", "x11", "x11"],
    ["target", "auth-agent@openssh.com", "agent"],
    ["target", "agent-connect", "agent"],
    ["target", "something-new", undefined],
  ];
  for (const [by, type, kind] of opens)
    it(`takes an open of «${type}» by the ${by} for ${kind ?? "nothing that is let through"}`, () =>
      assert.equal(kindOfOpen(by, type), kind));

  const requests: [request: string, subsystem: string | undefined, kind: string | undefined][] = [
    ["shell", undefined, "shell"],
    ["exec", undefined, "exec"],
    ["subsystem", "sftp", "sftp"],
    ["subsystem", "SFTP", "subsystem"],
    ["subsystem", "netconf", "subsystem"],
    ["auth-agent-req@openssh.com", undefined, "agent"],
    ["x11-req", undefined, "x11"],
    ["pty-req", undefined, undefined],
    ["signal", undefined, undefined],
    ["something-new", undefined, undefined],
  ];
  for (const [request, subsystem, kind] of requests)
    it(`takes the request ${request} ${subsystem ?? ""} for ${kind ?? "harmless"}`, () =>
      assert.equal(kindOfRequest(request, subsystem), kind));

  it("asks for remote forwarding where the target would listen", () => {
    assert.equal(kindOfGlobalRequest("tcpip-forward"), "remote-forward");
    assert.equal(kindOfGlobalRequest("streamlocal-forward@openssh.com"), "remote-forward");
    for (const name of ["cancel-tcpip-forward", "keepalive@openssh.com", "no-more-sessions@openssh.com"])
      assert.equal(kindOfGlobalRequest(name), undefined);
  });

  const variables: [name: string, patterns: string[], carried: boolean][] = [
    ["LANG", ["LANG"], true],
    ["LANGUAGE", ["LANG"], false],
    ["LC_ALL", ["LC_*"], true],
    ["LC_", ["LC_*"], true],
    ["LD_PRELOAD", ["LANG", "LC_*"], false],
    ["lang", ["LANG"], false],
    ["", ["LANG"], false],
    ["ANY", ["*"], true],
    ["ANY", [], false],
  ];
  for (const [name, patterns, carried] of variables)
    it(`${carried ? "carries" : "keeps back"} «${name}» with ${patterns.join(" ") || "no list"}`, () =>
      assert.equal(mayCarry(name, patterns), carried));
});
