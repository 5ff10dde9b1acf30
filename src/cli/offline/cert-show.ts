import { readFileSync } from "node:fs";
import {
  decodeTextOption,
  fingerprint,
  parseCertificateLine,
  VALID_FOREVER,
  type Certificate,
  type Options,
} from "../../certificate/index.js";
import { recordText, utcText } from "../../wording/index.js";
import { EXIT } from "../../commands/index.js";
import { CliError } from "../cli-error.js";
import { printJson, printResult } from "../print.js";

/** Critical options that carry one string. */
const TEXT_OPTIONS = ["force-command", "source-address"];

/** Prints what a certificate file says. Nothing of it is proven: who signed it is shown, not checked. */
export async function certShow(path: string, json: boolean): Promise<number> {
  const { certificate } = parseCertificateLine(readLine(path));
  const shown = {
    type: certificate.type,
    kind: certificate.kind,
    keyId: certificate.keyId,
    serial: certificate.serial.toString(),
    principals: certificate.principals,
    validAfter: moment(certificate.validAfter),
    validBefore: moment(certificate.validBefore),
    key: fingerprint(certificate.key),
    ca: fingerprint(certificate.signatureKey),
    criticalOptions: optionsOf(certificate.criticalOptions),
    extensions: [...certificate.extensions.keys()],
  };
  if (json) await printJson(shown);
  else await printResult(textOf(shown, certificate));
  return EXIT.done;
}

function textOf(
  shown: { keyId: string; serial: string; validAfter: string; validBefore: string; key: string; ca: string },
  { type, kind, principals, extensions, criticalOptions }: Certificate,
): string {
  const options = Object.entries(optionsOf(criticalOptions)).map(([name, value]) =>
    `${name} ${value}`.trim(),
  );
  return recordText([
    ["type", `${kind} certificate, ${type}`],
    ["key id", printable(shown.keyId)],
    ["serial", shown.serial],
    ["principals", principals.map(printable).join(", ") || "none: it matches nobody"],
    ["valid", `${shown.validAfter} to ${shown.validBefore}`],
    ["key", shown.key],
    ["signed by", shown.ca],
    ["critical options", options.map(printable).join(", ") || "none"],
    ["extensions", [...extensions.keys()].map(printable).join(", ") || "none"],
  ]);
}

function readLine(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(
      EXIT.notFound,
      `cannot read ${path} (${(error as NodeJS.ErrnoException).code ?? "error"})`,
    );
  }
}

function optionsOf(options: Options): Readonly<Record<string, string>> {
  const entries = [...options].map(([name, data]) => {
    if (data.length === 0) return [name, ""];
    return [name, TEXT_OPTIONS.includes(name) ? decodeTextOption(data) : data.toString("hex")];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Seconds since 1970, as people read them; a certificate may say more than any date can. */
function moment(seconds: bigint): string {
  if (seconds === VALID_FOREVER) return "forever";
  const ms = Number(seconds) * 1000;
  return ms < 8.64e15 ? utcText(ms, "seconds") : `second ${seconds.toString()}`;
}

/** A certificate's text is its issuer's: controls in it must not reach the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}
