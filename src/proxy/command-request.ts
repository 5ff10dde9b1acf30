import { isUtf8 } from "node:buffer";
import { commandLineCharactersMax, type AskedCommand } from "../rpc/index.js";
import type { WireReader } from "../wire/index.js";

/** Columns and rows of a terminal beyond which a client is joking. */
const sideMax = 1000;
/** The size of a terminal that says it has none. */
const usualSize = { columns: 80, rows: 24 };
const termName = /^[A-Za-z0-9._+-]{1,64}$/u;
/** Encoded terminal modes (RFC 4254 section 8): 5 bytes for each of at most 160 opcodes, and the end. */
const modesBytesMax = 801;
const signalName = /^[A-Z0-9]{1,16}$/u;

export interface Terminal {
  readonly term: string;
  readonly columns: number;
  readonly rows: number;
}

/** What follows in a `pty-req` (RFC 4254 section 6.2); undefined for a name that is none. Throws `WireError`. */
export function readTerminal(reader: WireReader): Terminal | undefined {
  const term = reader.string().toString("latin1");
  const size = readCells(reader);
  reader.string(modesBytesMax); // there is no line discipline here to set
  reader.end();
  if (term === "") return { term: "dumb", ...size };
  return termName.test(term) ? { term, ...size } : undefined;
}

/** What follows in a `window-change` (section 6.7). Throws `WireError`. */
export function readSize(reader: WireReader): Omit<Terminal, "term"> {
  const size = readCells(reader);
  reader.end();
  return size;
}

function readCells(reader: WireReader): Omit<Terminal, "term"> {
  const [columns, rows] = [reader.uint32(), reader.uint32()];
  reader.uint32(); // pixels
  reader.uint32();
  const bounded = (cells: number, usual: number) => (cells === 0 ? usual : Math.min(cells, sideMax));
  return { columns: bounded(columns, usualSize.columns), rows: bounded(rows, usualSize.rows) };
}

/** What is asked and cannot be run; the words for the person. */
export interface NoCommand {
  readonly kind: "none";
  readonly words: string;
}

/** What follows in an `exec` (section 6.5), or why that is no command. Throws `WireError`. */
export function readLine(reader: WireReader): AskedCommand | NoCommand {
  const bytes = reader.string();
  reader.end();
  if (bytes.length > commandLineCharactersMax)
    return { kind: "none", words: `bascule: a command is at most ${commandLineCharactersMax} bytes long` };
  if (!isUtf8(bytes) || bytes.includes(0))
    return { kind: "none", words: "bascule: a command is UTF-8 text without NUL" };
  return { kind: "line", line: bytes.toString("utf8") };
}

/** What follows in a `signal` (section 6.9), without `SIG`; undefined for what is no name. Throws `WireError`. */
export function readSignal(reader: WireReader): string | undefined {
  const name = reader.string().toString("latin1");
  reader.end();
  return signalName.test(name) ? name : undefined;
}
