import assert from "node:assert/strict";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { runProgram } from "../harness/run-program.js";
import { openssh, requireTool } from "../harness/tools.js";
import { everyWay, routeTo } from "../harness/ways.js";

/** What each version of OpenSSH agrees on with us. */
const exchanges = { "9.2": "curve25519-sha256", "10.0": "mlkem768x25519-sha256" } as const;

for (const sshd of ["9.2", "10.0"] as const) {
  describe(`e2e/algorithms, target with OpenSSH ${sshd}`, function () {
    let bastion: Bastion;
    before(async () => {
      bastion = await startBastion({ sshd, sshdConfig: ["LogLevel DEBUG3"] });
      await bastion.issue();
    });

    for (const { version, way, named } of everyWay) {
      it(`${named}: agrees on ${exchanges[version]}, AES-GCM and strict key exchange, without a warning`, async () => {
        const { options, host } = routeTo(bastion, way);
        const { stderr } = await runProgram(openssh(version).ssh, ["-vvv", ...options, host, "true"]);
        const legs = way === "jump" ? 2 : 1;
        const names = Array.from({ length: legs }, () => [exchanges[version], "aes128-gcm@openssh.com"]);
        const agreed = [...stderr.matchAll(/kex: (algorithm|server->client cipher): (\S+)/g)];
        assert.deepEqual(agreed.map(([, , name]) => name).toSorted(), names.flat().toSorted());
        assert.equal(stderr.match(/will use strict KEX ordering/g)?.length, legs);
        assert.doesNotMatch(stderr, /WARNING|post-quantum|store now/);
      });
    }

    it(`agrees with the target on ${exchanges[sshd]}, AES-GCM and strict key exchange`, async () => {
      await bastion.ssh("10.0", ["-J", "bastion", "prod", "true"]);
      const log = bastion.sshd.log();
      assert.ok(log.includes(`kex: algorithm: ${exchanges[sshd]}`), log);
      assert.match(log, /kex: server->client cipher: aes128-gcm@openssh\.com/);
      assert.match(log, /will use strict KEX ordering/);
    });

    if (sshd === "10.0")
      it("has nothing that ssh-audit fails or warns of, but two names younger than it", async () => {
        const { stdout } = await runProgram(requireTool("ssh-audit"), [
          ...["-n", "-p", String(bastion.port)],
          "127.0.0.1",
        ]);
        const lines = stdout.toString().split("\n");
        assert.ok(lines.some((line) => /^\(key\) ssh-ed25519-cert-v01@openssh.com +-- \[info\]/.test(line)));
        assert.deepEqual(
          lines
            .filter((line) => /\[(fail|warn)\]/.test(line))
            .map((line) => line.replace(/^\(kex\) (\S+) +-- \[warn\] unknown algorithm$/, "$1")),
          ["mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com"],
        );
      });
  });
}
