/** The two clocks that every deadline is held against. */
export interface Clocks {
  /** Milliseconds since 1970; may step. */
  wallMs(): number;
  /** Milliseconds that only go forward. */
  monotonicMs(): number;
}

export const systemClocks: Clocks = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };
