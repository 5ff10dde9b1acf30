/**
 * What holds where the file says nothing, each with its reason. Durations and sizes are written as in the file, so that
 * they read the same here, in the schema for editors and in the example.
 */
export const DEFAULTS = {
  /** Loopback: nobody is let in from outside before somebody decided so. */
  listen: "127.0.0.1:2222",
  http: "off",
  name: "bastion",
  home: "./var",
  recordings: "./recordings",
  /** A proxy does one core's work. */
  proxies: "cores",
  /** Nobody. */
  admins: [] as string[],
  auditors: [] as string[],
  redactors: [] as string[],
  unsealers: [] as string[],
  /** The locale; anything more can change what programs on the target do (LD_PRELOAD, GIT_SSH). */
  environment: ["LANG", "LC_*"],
  /** Whoever is recorded is told so, and until when; programs that cannot bear a line on stderr are a reason for off. */
  banner: "on" as "on" | "off",
  /** Long enough to save and leave, then to finish a line, then to know. */
  notices: ["15m", "5m", "1m"],
  rekey: {
    /** RFC 4253 section 9 recommends both. */
    bytes: "1GiB",
    every: "1h",
  },
  recording: {
    /** What an auditor may miss when the power fails; a sync costs the disk more than it costs the user. */
    durability: "1s",
    /** What was typed is as sensitive as the recording itself: for the same eyes. */
    index: "sealed" as "clear" | "sealed" | "off",
  },
  role: {
    /** What an engineer at a terminal needs, copies of files included; forwards and agents are asked for by name. */
    channels: ["shell", "exec", "sftp"] as ("shell" | "exec" | "sftp")[],
    /** Someone will have to read why. */
    reason: "required",
    /** Whoever lets themselves in does so because somebody decided that they may. */
    breakGlass: "forbidden" as "allowed" | "forbidden",
  },
  requests: {
    /** A working day: what nobody has approved by its evening is asked for anew by whoever still needs it. */
    lapse: "8h",
    /** More are hardly meant, and approvers have to read each. */
    openPerIdentity: 10,
    /** One every two minutes: an eager script, but no flood. */
    perHourPerIdentity: 30,
  },
  /** What the policy forbids is over now. */
  whenTightened: "cut" as "cut" | "at-end",
  /** A script's run; a token cannot be renewed by itself. */
  tokens: { life: "15m" },
  disk: {
    /** Time to do something about it, on a large disk as on a small one. */
    warnBelow: "5GiB or 10%",
    /** The bastion shares its disk with the system, which needs some too. */
    fullBelow: "1GiB or 3%",
    /** Days at a terminal; what copies more is given more as it goes. */
    reserve: "8MiB",
    /** Room for the last words of a thousand sessions, and for LevelDB to tidy up its journal once. */
    ballast: "16MiB",
    /** A bastion that does not record lets nobody in. */
    whenFull: "refuse" as "refuse" | "two-people",
  },
  /** Nobody is told. */
  webhooks: {},
  witnesses: {},
  limits: {
    /** Each costs a key exchange, some 3 ms of a core, and a socket. OpenSSH's MaxStartups ends at 100. */
    unauthenticatedConnections: 128,
    /** One address must not take them all; an office behind one address comes in one by one, not all at once. */
    unauthenticatedConnectionsPerAddress: 32,
    /** Ten a second: an eager ansible run, but no scan. */
    connectionsPerMinutePerAddress: 600,
    /** Time to touch a hardware key or type a passphrase. OpenSSH gives 2 minutes, which also keeps a slot that long. */
    loginGrace: "30s",
    /** An agent offers every key that it has; OpenSSH's MaxAuthTries. */
    authenticationAttempts: 6,
    /** A key exchange with ML-KEM and all attempts with large certificates fit in twice. */
    unauthenticatedBytes: "128KiB",
    /** A browser over a forward opens dozens; OpenSSH allows 10 sessions, and any number of forwards. */
    channelsPerConnection: 128,
    /** What RFC 4253 section 6.1 demands, and all that ssh2 takes; OpenSSH's data comes in packets of 32 KiB and a little. */
    packetBytes: "35000B",
  },
} as const;
