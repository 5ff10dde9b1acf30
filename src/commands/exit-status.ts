/** How a command ends, for scripts; documented in the README and stable. A session's own status passes through. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** Denied, or waiting for approval. */
  denied: 3,
  notFound: 4,
  verificationFailed: 5,
  /** Try later: EX_TEMPFAIL. */
  tryLater: 75,
  /** You may not do that: EX_NOPERM. */
  notPermitted: 77,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT;
