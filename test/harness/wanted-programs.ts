/** One set of Debian packages, unpacked together below `test/.tools/<name>`. */
export interface PackageSet {
  readonly name: "9.2" | "10.0";
  /** What `openssh-client` must be at: other packages come at the release's own version. */
  readonly opensshPin: string;
  /** Taken together with those packages they depend on that the system lacks. */
  readonly packages: readonly string[];
  /** Taken alone: their dependencies would be many and are not used. */
  readonly alone: readonly string[];
}

/** The Debian release that has both OpenSSH versions, one of them in its backports. */
export const release = "bookworm";

const openssh = ["openssh-client", "openssh-server", "openssh-sftp-server"];

export const packageSets: readonly PackageSet[] = [
  {
    name: "9.2",
    opensshPin: "1:9.2*",
    // libnss-wrapper gives a real sshd the logins of a test without touching the system's accounts.
    packages: [
      ...openssh,
      ...["asciinema", "dropbear-bin", "expect", "faketime", "git", "less", "lftp"],
      ...["libnss-wrapper", "putty-tools", "python3", "python3-asyncssh", "python3-paramiko"],
      ...["rsync", "ssh-audit", "tmux"],
    ],
    alone: ["openssh-tests"],
  },
  { name: "10.0", opensshPin: "1:10.0*", packages: openssh, alone: ["openssh-tests"] },
];

/**
 * Go's compiler with its built standard library, and the module with sumdb/note and sumdb/tlog: what builds the programs of
 * `test/programs/go`. Not kept afterwards.
 */
export const goPackages = ["golang-1.19-go", "golang-golang-x-mod-dev"];

/** Where those packages put things. */
export const goPlaces = {
  root: "usr/lib/go-1.19",
  sources: "usr/share/gocode/src",
  /** What the programs import besides the standard library, each after what it needs itself. */
  imports: ["golang.org/x/mod/sumdb/note", "golang.org/x/mod/sumdb/tlog"],
} as const;

/** By the name that `requireTool` knows, the source of each Go program. */
export const goPrograms = {
  "ledger-check": "test/programs/go/ledger-check.go",
  "bundle-check": "test/programs/go/bundle-check.go",
} as const;

/** Programs of the first set that `requireTool` knows, besides OpenSSH's. */
export const programs = [
  ...["asciinema", "dbclient", "dropbear", "dropbearkey", "expect", "faketime", "git", "less"],
  ...["lftp", "plink", "pscp", "psftp", "puttygen", "python3", "rsync", "ssh-audit", "tmux"],
] as const;

/** Libraries of the first set that are preloaded, by the name that `requireTool` knows. */
export const libraries = {
  libfaketime: "faketime/libfaketimeMT.so.1",
  libnss_wrapper: "libnss_wrapper.so",
} as const;

/** OpenSSH's parts: by the name of their field in `Openssh`, where a package puts them. */
export const opensshParts = {
  ssh: "usr/bin/ssh",
  sshKeygen: "usr/bin/ssh-keygen",
  sshKeyscan: "usr/bin/ssh-keyscan",
  sshAdd: "usr/bin/ssh-add",
  sshAgent: "usr/bin/ssh-agent",
  scp: "usr/bin/scp",
  sftp: "usr/bin/sftp",
  sshd: "usr/sbin/sshd",
  sftpServer: "usr/lib/openssh/sftp-server",
} as const;
