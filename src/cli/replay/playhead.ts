/** Speeds that + and - step through. */
const speeds = [0.25, 0.5, 1, 2, 4, 8, 16, 32] as const;

/** Where playing is, in microseconds since the channel's opening. Pure: now is an argument. */
export class Playhead {
  #anchorUs: number;
  #anchorMs: number;
  #speed: number;
  #playing = true;

  constructor({ atUs, speed, nowMs }: { atUs: number; speed: number; nowMs: number }) {
    this.#anchorUs = atUs;
    this.#anchorMs = nowMs;
    this.#speed = speed;
  }

  get speed(): number {
    return this.#speed;
  }

  get playing(): boolean {
    return this.#playing;
  }

  positionUs(nowMs: number): number {
    return this.#playing ? this.#anchorUs + (nowMs - this.#anchorMs) * 1000 * this.#speed : this.#anchorUs;
  }

  /** How long until playing reaches `atUs`; Infinity while paused. */
  untilMs(atUs: number, nowMs: number): number {
    return this.#playing ? Math.max(0, (atUs - this.positionUs(nowMs)) / 1000 / this.#speed) : Infinity;
  }

  moveTo(atUs: number, nowMs: number): void {
    this.#anchorUs = atUs;
    this.#anchorMs = nowMs;
  }

  togglePause(nowMs: number): void {
    this.moveTo(this.positionUs(nowMs), nowMs);
    this.#playing = !this.#playing;
  }

  faster(nowMs: number): void {
    this.#setSpeed(
      speeds.find((speed) => speed > this.#speed),
      nowMs,
    );
  }

  slower(nowMs: number): void {
    this.#setSpeed(
      speeds.findLast((speed) => speed < this.#speed),
      nowMs,
    );
  }

  #setSpeed(speed: number | undefined, nowMs: number): void {
    this.moveTo(this.positionUs(nowMs), nowMs);
    this.#speed = speed ?? this.#speed;
  }
}
