import { WireReader, WireWriter } from "../../../src/wire/index.js";

/** Messages of the connection protocol (RFC 4254), for tests. */

const start = (type: number) => new WireWriter().byte(type);

export const globalRequest = (name: string, wantReply: boolean, rest: Buffer = Buffer.alloc(0)) =>
  start(80).string(name).boolean(wantReply).raw(rest).finish();
export const requestSuccess = () => start(81).finish();
export const requestFailure = () => start(82).finish();

export interface OpenOptions {
  readonly window?: number;
  readonly packet?: number;
  readonly rest?: Buffer;
}

export const open = (type: string, number: number, options: OpenOptions = {}) =>
  start(90)
    .string(type)
    .uint32(number)
    .uint32(options.window ?? 2_097_152)
    .uint32(options.packet ?? 32_768)
    .raw(options.rest ?? Buffer.alloc(0))
    .finish();
export const confirm = (recipient: number, number: number, window = 2_097_152) =>
  start(91).uint32(recipient).uint32(number).uint32(window).uint32(32_768).finish();
export const openFailure = (recipient: number, reason = 2) =>
  start(92).uint32(recipient).uint32(reason).string("no").string("").finish();
export const adjust = (recipient: number, bytes: number) =>
  start(93).uint32(recipient).uint32(bytes).finish();
export const data = (recipient: number, bytes: Buffer | string) =>
  start(94).uint32(recipient).string(bytes).finish();
export const stderr = (recipient: number, bytes: Buffer | string) =>
  start(95).uint32(recipient).uint32(1).string(bytes).finish();
export const eof = (recipient: number) => start(96).uint32(recipient).finish();
export const close = (recipient: number) => start(97).uint32(recipient).finish();
export const request = (recipient: number, name: string, wantReply: boolean, rest?: Buffer) =>
  start(98)
    .uint32(recipient)
    .string(name)
    .boolean(wantReply)
    .raw(rest ?? Buffer.alloc(0))
    .finish();
export const success = (recipient: number) => start(99).uint32(recipient).finish();
export const failure = (recipient: number) => start(100).uint32(recipient).finish();

export const text = (...values: readonly string[]): Buffer =>
  values.reduce((writer, value) => writer.string(value), new WireWriter()).finish();
export const ptyRequest = (recipient: number, columns = 80) =>
  request(
    recipient,
    "pty-req",
    true,
    new WireWriter().string("xterm").uint32(columns).uint32(24).uint32(0).uint32(0).string("").finish(),
  );

/** The bytes in a data message, on stdout or stderr. */
export function bytesIn(payload: Buffer): Buffer {
  return new WireReader(payload, payload[0] === 95 ? 9 : 5).string();
}
