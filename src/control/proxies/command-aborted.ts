/** Why a command that came by ssh is to stop: the person interrupted it, is gone and hears nothing more, or may not be
 * logged in any more. */
export class CommandAborted extends Error {
  override readonly name = "CommandAborted";
  readonly code: "interrupted" | "gone" | "refused";

  constructor(code: CommandAborted["code"], message: string) {
    super(message);
    this.code = code;
  }
}
