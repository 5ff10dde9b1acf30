import { quoted } from "../init/config-text.js";
import { bareLine, DEMO_GUEST, DEMO_LOGINS, DEMO_TARGET, publicLine, type DemoFiles } from "./demo-files.js";

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
    logins: [${logins}, ${DEMO_GUEST}]
roles:
  demo: # bob or carol must approve; in an emergency alice lets herself in, and one of them looks at it afterwards
    groups: [engineers]
    targets: { env: demo }
    logins: [${logins}]
    maxDuration: 8h
    approvals: { count: 1, from: [approvers] } # signed: true demands "ssh approve.req-….DIGEST@bastion"
    breakGlass: allowed
    selfExtension: 15m
    channels: [shell, exec, sftp, subsystem, local-forward]
  ${DEMO_GUEST}: # nobody has to approve
    groups: [engineers]
    targets: { env: demo }
    logins: [${DEMO_GUEST}]
    maxDuration: 30m
    approvals: automatic
    channels: [shell, exec]
admins: [approvers]
auditors: [auditors]
`;
}
