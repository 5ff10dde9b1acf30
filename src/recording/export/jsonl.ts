import { isUtf8 } from "node:buffer";
import { isTooDeep } from "../canonical-json.js";
import { FrameType, type Frame } from "../frame.js";
import { decodeTypedLine } from "../typed-line.js";
import { decodeChannelOpen, decodeChannelRequest } from "../ssh-payload.js";

const nameOf = new Map<number, string>(
  Object.entries(FrameType).map(([name, type]) => [
    type,
    name.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
  ]),
);

/**
 * One JSON object for each frame: `atUs`, `type` (name or number), `direction`, `channel`, and what it holds: `text`
 * where the bytes are UTF-8, `base64` where not, `agoMs` and `fromBlock` of typing when it began, `open`/`request` for what SSH asked, `detail` for Bascule's own.
 * What the client sent is only counted (`bytes`) without `keys`.
 */
export async function* exportJsonl(
  frames: AsyncIterable<Frame>,
  { channel, keys }: { channel?: number | undefined; keys: boolean },
): AsyncGenerator<string> {
  for await (const frame of frames)
    if (channel === undefined || channel === frame.channel || isWithheld(frame))
      yield `${JSON.stringify(objectOf(frame, keys))}\n`;
}

function objectOf(frame: Frame, keys: boolean): object {
  const { atUs, type, direction, channel } = frame;
  const isClientData =
    direction === "client" && (type === FrameType.channelData || type === FrameType.channelExtendedData);
  const isInput = isClientData || type === FrameType.typed;
  const held = isInput && !keys ? { bytes: inputBytes(frame) } : contentOf(frame);
  return { atUs, type: nameOf.get(type) ?? type, direction, channel, ...held };
}

function inputBytes({ type, payload }: Frame): number {
  return type === FrameType.typed ? Buffer.byteLength(decodeTypedLine(payload).text) : payload.length;
}

/** It may have been any channel's. */
function isWithheld({ type }: Frame): boolean {
  return type === FrameType.withheld;
}

function contentOf({ type, payload }: Frame): object {
  switch (type) {
    case FrameType.channelOpen:
      return { open: decodeChannelOpen(payload) ?? { malformed: payload.toString("base64") } };
    case FrameType.channelRequest:
      return { request: decodeChannelRequest(payload) ?? { malformed: payload.toString("base64") } };
    case FrameType.channelExtendedData:
      return { code: payload.length < 4 ? null : payload.readUInt32BE(0), ...textOf(payload.subarray(4)) };
    case FrameType.clock:
      return payload.length === 8 ? { wallMs: Number(payload.readBigUInt64BE()) } : textOf(payload);
    case FrameType.typed:
      return decodeTypedLine(payload);
    case FrameType.fileOperation:
    case FrameType.denied:
    case FrameType.cut:
    case FrameType.withheld:
    case FrameType.end:
      return { detail: jsonOf(payload) };
    default:
      return payload.length === 0 ? {} : textOf(payload);
  }
}

function textOf(bytes: Buffer): object {
  return isUtf8(bytes) ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
}

function jsonOf(payload: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(payload.toString("utf8"));
    return isTooDeep(value) ? textOf(payload) : value;
  } catch {
    return textOf(payload);
  }
}
