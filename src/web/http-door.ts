import type { Control } from "../control/index.js";
export interface HttpDoor {
  readonly host: string;
  readonly port: number;
  serve(control: Control): void;
  close(): Promise<void>;
}
export function bindHttp(address: { host: string; port: number }): Promise<HttpDoor> {
  throw new Error(address.host);
}
