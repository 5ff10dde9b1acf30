import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { CliError } from "../../../../src/cli/cli-error.js";
import { bindListeningSocket } from "../../../../src/cli/serve/listening-socket.js";
import { childEnvironment } from "../../../../src/cli/serve/child-environment.js";
import { closeAfterwards } from "../../../harness/closing.js";

describe("cli/serve/listening-socket", () => {
  it("picks a free port for 0 and says which", async () => {
    const socket = await bindListeningSocket({ listen: { host: "127.0.0.1", port: 0 } });
    assert.ok(socket.port > 0 && socket.fd > 2);
    socket.close();
  });

  it("says in one line that a port is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    closeAfterwards(() => new Promise((closed) => server.close(closed)));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await assert.rejects(bindListeningSocket({ listen: { host: "127.0.0.1", port } }), (error) => {
      return error instanceof CliError && error.exit === 1 && error.message.endsWith(": the port is taken");
    });
  });

  it("says in one line that an address is not this machine's", async () => {
    await assert.rejects(bindListeningSocket({ listen: { host: "192.0.2.1", port: 0 } }), (error) => {
      return error instanceof CliError && /not this machine's/.test(error.message);
    });
  });
});

describe("cli/serve/child-environment", () => {
  it("passes on what is named and nothing else", () => {
    const secrets = {
      AWS_SECRET_ACCESS_KEY: "x",
      SSH_AUTH_SOCK: "x",
      NODE_OPTIONS: "x",
      HOME: "x",
      LC_: "x",
    };
    const passed = { PATH: "/bin", LANG: "C", LC_TIME: "C", TZ: "UTC" };
    assert.deepEqual(childEnvironment({ ...secrets, ...passed }), passed);
  });
});
