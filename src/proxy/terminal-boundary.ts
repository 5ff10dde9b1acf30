const bell = 0x07;
const cancel = 0x18;
const substitute = 0x1a;
const escape = 0x1b;

/** Modes that show another screen (DECSET 47, 1047, 1049). */
const alternateScreens = new Set(["47", "1047", "1049"]);
/** What is looked at of a sequence's parameters; what is longer sets no screen. */
const parametersMax = 32;

/**
 * Follows a terminal's output only so far as to know whether something may be put in between: not inside a UTF-8 character
 * nor inside a control sequence (ECMA-48; as terminals do it, ESC begins a new one anywhere, CAN and SUB end any). C1 controls
 * as single characters (U+009B for CSI) are not known here: nobody sends them to UTF-8 terminals.
 */
export class TerminalBoundary {
  #state: "ground" | "escape" | "sequence" | "command" | "string" = "ground";
  #continuation = 0;
  #alternate = false;
  #parameters = "";

  /** Nothing is open: text may be inserted here. */
  get atRest(): boolean {
    return this.#state === "ground" && this.#continuation === 0;
  }

  /** A full-screen program is shown (DECSET 47, 1047, 1049). */
  get alternateScreen(): boolean {
    return this.#alternate;
  }

  feed(bytes: Buffer): void {
    for (const byte of bytes) this.#step(byte);
  }

  #step(byte: number): void {
    if (byte === escape || byte === cancel || byte === substitute) {
      this.#state = byte === escape ? "escape" : "ground";
      this.#continuation = 0;
      return;
    }
    switch (this.#state) {
      case "ground":
        this.#countCharacter(byte);
        return;
      case "escape":
        if (byte >= 0x30 && byte <= 0x7e) this.#begin(byte); // 0x20-0x2f: an intermediate, more follows
        return;
      case "sequence":
        if (byte >= 0x40 && byte <= 0x7e) {
          this.#noteMode(byte);
          this.#state = "ground";
        } else if (this.#parameters.length <= parametersMax) this.#parameters += String.fromCharCode(byte);
        return;
      case "command": // an operating system command (OSC): xterm lets a bell end it
        if (byte === bell) this.#state = "ground";
        return;
      case "string": // until ESC, which begins the string terminator ESC \
        return;
    }
  }

  #countCharacter(byte: number): void {
    if (byte >= 0xc2 && byte <= 0xf4) this.#continuation = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    else if (byte >= 0x80 && byte < 0xc0 && this.#continuation > 0) this.#continuation -= 1;
    else this.#continuation = 0;
  }

  /** The byte after ESC. */
  #begin(byte: number): void {
    this.#parameters = "";
    switch (String.fromCharCode(byte)) {
      case "[":
        this.#state = "sequence";
        return;
      case "]":
        this.#state = "command";
        return;
      case "P": // device control string
      case "X":
      case "^":
      case "_":
        this.#state = "string";
        return;
      case "c": // full reset
        this.#alternate = false;
        this.#state = "ground";
        return;
      default:
        this.#state = "ground";
    }
  }

  #noteMode(final: number): void {
    const isSet = final === 0x68; // h
    if (!isSet && final !== 0x6c) return; // l resets
    if (!this.#parameters.startsWith("?") || this.#parameters.length > parametersMax) return;
    const modes = this.#parameters.slice(1).split(";");
    if (modes.some((mode) => alternateScreens.has(mode))) this.#alternate = isSet;
  }
}
