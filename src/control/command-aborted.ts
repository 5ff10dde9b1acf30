/** Why a command that came by ssh is to stop: the person interrupted it, or is gone and hears nothing more. */
export class CommandAborted extends Error {
  override readonly name = "CommandAborted";
  readonly code: "interrupted" | "gone";

  constructor(code: CommandAborted["code"], message: string) {
    super(message);
    this.code = code;
  }
}
