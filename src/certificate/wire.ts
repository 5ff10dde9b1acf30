import { WireReader as PlainReader, type WireErrorCode } from "../wire/index.js";
import { CertificateError } from "./certificate-error.js";

export { WireWriter } from "../wire/index.js";

/** The wire's reader (RFC 4251 section 5), refusing with this room's error under the same codes. */
export class WireReader extends PlainReader {
  protected override refusal(code: WireErrorCode, message: string): CertificateError {
    return new CertificateError(code, message);
  }
}
