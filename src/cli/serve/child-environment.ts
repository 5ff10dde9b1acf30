/**
 * What a child may see of the supervisor's environment; the rest may hold an operator's secrets, and a process that faces
 * the network has no use for them. Locale and zone for texts; PATH for nothing but crash reporters; a private CA for issuers
 * and receivers of webhooks; then what test runs need: coverage, and clocks that lie.
 */
const PASSED_ON =
  /^(PATH|LANG|LC_[A-Z]+|TZ|NODE_EXTRA_CA_CERTS|NODE_V8_COVERAGE|LD_PRELOAD|FAKETIME[A-Z_]*|DONT_FAKE_MONOTONIC)$/u;

export function childEnvironment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(own).filter(([name]) => PASSED_ON.test(name)));
}
