import { quoted } from "../init/config-text.js";
import { bareLine, DEMO_LOGINS, DEMO_TARGET, publicLine, type DemoFiles } from "./demo-files.js";

/** People, targets and roles of the demo: three people who are not real, and the built-in target. */
export function demoAccess(files: DemoFiles, targetPort: number): string {
  const logins = DEMO_LOGINS.join(", ");
  return `identities:
  alice: { groups: [engineers], keys: [${quoted(publicLine(files.people.alice))}] }
  bob: { groups: [approvers, auditors], keys: [${quoted(publicLine(files.people.bob))}] }
  carol: { groups: [approvers], keys: [${quoted(publicLine(files.people.carol))}] }
targets:
  ${DEMO_TARGET}: # built in; it runs beside the bastion
    address: 127.0.0.1:${targetPort}
    hostKeys: [${quoted(bareLine(files.hostKey))}]
    labels: { env: demo }
    logins: [${logins}]
roles:
  demo:
    groups: [engineers]
    targets: { env: demo }
    logins: [${logins}]
    maxDuration: 8h
    approvals: { count: 1, from: [approvers] }
    channels: [shell, exec, sftp, subsystem, local-forward]
admins: [approvers]
auditors: [auditors]
`;
}
