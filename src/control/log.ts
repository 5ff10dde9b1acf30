/** The operator's log: a constant lower-case message and fields. Never a secret, never a key. */
export interface ControlLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
