import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { encodeVerifierKey } from "../../src/ledger/index.js";
import { program } from "../harness/bastion.js";
import type { EvidenceFiles } from "../harness/evidence-folder.js";
import { EvidenceStory, recordingOf } from "../harness/evidence-story.js";
import { ownCertificate } from "../harness/own-certificate.js";
import { programEnvironment, runProgram } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";

const damaged = recordingOf(1);

describe("e2e/verify-https", function () {
  let server: Server;
  let files: EvidenceFiles;
  let verifier: string;
  let caFile: string;
  let port: number;
  /** What each way to answer came to; all at once, as most of it is waiting for a program to start. */
  const outcomes = new Map<string, Awaited<ReturnType<typeof verify>>>();
  before(async () => {
    const story = await EvidenceStory.tell({ entries: 300 });
    files = story.files();
    verifier = encodeVerifierKey(story.forge.log.verifier);
    const { cert, key } = ownCertificate();
    caFile = join(temporaryFolder(), "ca.pem");
    writeFileSync(caFile, cert);
    server = createServer({ cert, key }, (request, response) => answer(request, response, files));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    ({ port } = server.address() as AddressInfo);
    const run = async (how: string, env?: Readonly<Record<string, string>>): Promise<void> =>
      void outcomes.set(env === undefined ? how : "untrusted", await verify(how, env));
    await Promise.all([
      run("true", {}),
      ...["true", "moved", "cut", "short", "other"].map((how) => run(how)),
    ]);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const verify = async (
    how: string,
    env: Readonly<Record<string, string>> = { NODE_EXTRA_CA_CERTS: caFile },
  ) => {
    const args = [program, "verify", `https://localhost:${port}/${how}`, "--verifier", verifier];
    const { status, stdout, stderr } = await runProgram(process.execPath, args, {
      env: { ...programEnvironment(), ...env },
    });
    return { status, said: stdout.toString(), stderr };
  };

  const outcomeOf = (how: string) => outcomes.get(how) ?? assert.fail(how);

  it("verifies what any server of files has, and says that it could not list it", () => {
    const { status, said, stderr } = outcomeOf("true");
    assert.equal(status, 0, said + stderr);
    assert.match(said, /^recordings +3 checked/mu);
    assert.match(stderr, /an address cannot be listed/u);
  });

  it("says nothing about evidence whose server it does not know", () => {
    const { status, said, stderr } = outcomeOf("untrusted");
    assert.deepEqual([status, said], [1, ""]);
    assert.match(stderr, /certificate is not to be trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/u);
  });

  it("does not follow to another place", () => {
    const { status, said, stderr } = outcomeOf("moved");
    assert.deepEqual([status, said], [2, ""]);
    assert.match(stderr, /it points to https:\/\/elsewhere\.example\/: give that address/u);
  });

  it("says nothing when the connection breaks off in the middle", () => {
    for (const how of ["cut", "short"]) {
      const { status, said, stderr } = outcomeOf(how);
      assert.deepEqual([status, said], [75, ""], how);
      assert.match(stderr, new RegExp(`cannot reach https://localhost:\\d+/${how}/${damaged}: `, "u"));
    }
  });

  it("names what has other bytes, of the right length", () => {
    const { status, said } = outcomeOf("other");
    assert.equal(status, 5);
    const wrong = said.split("\n").filter((line) => line.startsWith("WRONG"));
    assert.equal(wrong.length, 1, said);
    assert.match(said, new RegExp(`^WRONG +${damaged} .*recording-mismatch`, "mu"));
  });
});

/** The files below a word that says what becomes of one of them. */
function answer({ url = "" }: IncomingMessage, response: ServerResponse, files: EvidenceFiles): void {
  const [, how = "", ...rest] = url.split("/");
  const path = rest.join("/");
  const bytes = files.get(path);
  if (how === "moved") response.writeHead(301, { location: "https://elsewhere.example/" }).end();
  else if (bytes === undefined) response.writeHead(404).end();
  else if (path !== damaged || how === "true")
    response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  else if (how === "other") {
    const other = Buffer.from(bytes);
    other.writeUInt8((other.at(-1) ?? 0) ^ 1, other.length - 1);
    response.writeHead(200, { "content-length": other.length }).end(other);
  } else {
    // with a length that was promised, or in chunks whose last one never comes
    response.writeHead(200, how === "short" ? { "content-length": bytes.length } : {});
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.end());
  }
}
