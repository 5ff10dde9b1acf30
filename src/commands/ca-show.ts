import { defineCommand } from "./define.js";

export const caShow = defineCommand({
  examples: ["ca show", "ca show --json"],
  audience: "anyone",
  positionals: {},
  options: {},
  run({ control }) {
    const { userCa, targetCa, hostCa, knownHosts } = control.authorities;
    const lines = [
      "# target CA: on every target, in the file that sshd_config's TrustedUserCAKeys names",
      targetCa,
      "# host CA: for clients' known_hosts",
      knownHosts,
      "# user CA: signs people's certificates; only the bastion itself trusts it, so put it nowhere",
      userCa,
      "# ledger: for whoever verifies it; keep it where the bastion cannot change it",
      control.ledger.verifier,
    ];
    return {
      text: `${lines.join("\n")}\n`,
      json: {
        ...{ userCa, targetCa, hostCa, knownHosts },
        ledgerVerifier: control.ledger.verifier,
      },
    };
  },
});
