/**
 * The table of rooms (docs/ARCHITECTURE.md): what each folder of src/ may import. Change it only together with that
 * document; a test that fails here says that the structure has changed, not that the table is out of date.
 */
export const rooms: Readonly<Record<string, readonly string[]>> = {
  wording: [],
  home: [],
  keypair: [],
  wire: [],
  certificate: ["wire", "keypair"],
  access: [],
  recording: ["wire", "keypair"],
  ledger: ["keypair"],
  witness: ["ledger"],
  rpc: [],
  config: ["access", "wording"],
  webhooks: ["access", "wording"],
  tokens: ["keypair"],
  ssh2: ["wire", "keypair"],
  control: [
    "certificate",
    "access",
    "recording",
    "ledger",
    "rpc",
    "config",
    "webhooks",
    "tokens",
    "wire",
    "witness",
    "wording",
    "home",
  ],
  evidence: ["ledger", "access", "recording", "certificate", "wording"],
  commands: ["control", "access", "recording", "evidence", "wording", "home"],
  proxy: ["ssh2", "certificate", "recording", "rpc", "wire"],
  web: ["control", "commands", "wording"],
  demo: ["ssh2", "certificate"],
  cli: [
    ...["wording", "home", "wire", "certificate", "access", "recording", "ledger", "rpc", "config"],
    ...["ssh2", "webhooks", "evidence", "control", "commands", "proxy", "web", "demo", "witness"],
  ],
};

/** Sources outside of every room: the composition root, which may import them all. */
export const outsideRooms: readonly string[] = ["src/main.ts"];

/** The one place that may import a package: a file, or a folder that ends in a slash. Node's own modules are not here. */
export const packagePlaces: Readonly<Record<string, string | readonly string[]>> = {
  "@noble/post-quantum": "src/ssh2/",
  "@xterm/headless": "src/recording/screen.ts",
  commander: "src/cli/",
  "@hono/node-server": ["src/web/", "src/witness/server/"],
  hono: ["src/web/", "src/witness/server/"],
  jose: ["src/recording/data-key.ts", "src/tokens/"], // encryption there, signatures here
  level: "src/ledger/store/level-store.ts",
  "node-pty": "src/demo/pseudo-terminal.ts",
  pino: "src/cli/",
  ssh2: "src/ssh2/",
  sshpk: "src/certificate/private-key.ts",
  yaml: "src/config/",
  zod: "src/config/",
};

/** Rooms of pure functions: time, randomness and everything outside come in as arguments. */
export const pureRooms: readonly string[] = ["wire", "wording", "access", "certificate"];
