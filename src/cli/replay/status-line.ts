/**
 * Whether more can come: `live` grows, `ended` has its end frame, `interrupted` never got one; `reading` is not yet known,
 * for nobody has looked that far.
 */
export type RecordingState = "live" | "ended" | "interrupted" | "reading";

export interface Status {
  state: RecordingState;
  playing: boolean;
  speed: number;
  positionUs: number;
  durationUs: number;
  /** Which session channel of how many, from 1; undefined before there is one. */
  channel: { number: number; count: number; title: string } | undefined;
  /** What was typed lately, where keystrokes are shown. */
  typed: string | undefined;
}

const help = "space pause · ←→ 10 s · +- speed · i idle · n channel · q quit";

/** The player's last row: as much as fits into `columns`, never a control character. */
export function statusLine(status: Status, columns: number): string {
  const { state, playing, speed, positionUs, durationUs, channel, typed } = status;
  const where = `${playing ? "▶" : "‖"} ${timeText(positionUs)}/${timeText(durationUs)}`;
  const what =
    channel === undefined ? "no session channel" : `${channel.number}/${channel.count} ${channel.title}`;
  const parts = [
    state,
    where,
    `${speed}×`,
    what,
    ...(typed === undefined ? [] : [`keys: ${keysText(typed)}`]),
    help,
  ];
  const line = Array.from(` ${parts.map(visible).join("  ")} `);
  return line.slice(0, columns).join("").padEnd(columns);
}

/** h:mm:ss from an hour on, m:ss below. */
export function timeText(us: number): string {
  const seconds = Math.floor(Math.max(0, us) / 1e6);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

const keyNames = new Map([
  ["\r", "⏎"],
  ["\n", "⏎"],
  ["\t", "⇥"],
  ["\x7f", "⌫"],
  ["\b", "⌫"],
  ["\x1b", "⎋"],
]);

/** Typed text with names for the keys that have no sign; the latest, as much as is read at a glance. */
function keysText(typed: string): string {
  const signs = Array.from(
    typed,
    (key) => keyNames.get(key) ?? (key < " " ? `^${String.fromCharCode(key.charCodeAt(0) + 64)}` : key),
  );
  return signs.slice(-24).join("");
}

/** attacker-controlled: a command's text is shown here and must not steer the auditor's terminal. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}
