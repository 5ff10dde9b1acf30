import type { Certificate, CertificateKind } from "./certificate.js";
import { CertificateError } from "./certificate-error.js";
import { decodeTextOption, encodeTextOption, flagOptions, type Options } from "./options.js";
import { parseSourceAddresses, type AddressRange } from "./source-address.js";
import { deny, type Denial } from "./verdict.js";

/** The critical options of a user certificate (PROTOCOL.certkeys, PROTOCOL.u2f), understood. */
export interface CriticalOptions {
  readonly forceCommand?: string;
  readonly sourceAddresses?: readonly AddressRange[];
  readonly verifyRequired: boolean;
}

const FORCE_COMMAND = "force-command";
const SOURCE_ADDRESS = "source-address";
const VERIFY_REQUIRED = "verify-required";

/** All there are; there is none for hosts. What is not here refuses the certificate. */
const KNOWN: Readonly<Record<CertificateKind, readonly string[]>> = {
  user: [FORCE_COMMAND, SOURCE_ADDRESS, VERIFY_REQUIRED],
  host: [],
};

type OptionDenial = Denial<"unknown-critical-option" | "malformed-critical-option">;

/** Understands every critical option, or refuses the certificate. */
export function readCriticalOptions({ kind, criticalOptions }: Certificate): CriticalOptions | OptionDenial {
  const unknown = [...criticalOptions.keys()].find((name) => !KNOWN[kind].includes(name));
  if (unknown !== undefined)
    return deny("unknown-critical-option", `${JSON.stringify(unknown)} in a ${kind} certificate`);
  try {
    return decode(criticalOptions);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return deny("malformed-critical-option", error.message);
  }
}

function decode(options: Options): CriticalOptions {
  const command = options.get(FORCE_COMMAND);
  const addresses = options.get(SOURCE_ADDRESS);
  const verify = options.get(VERIFY_REQUIRED);
  if (verify !== undefined && verify.length > 0)
    throw new CertificateError("trailing-bytes", "verify-required carries data");
  return {
    ...(command === undefined ? {} : { forceCommand: decodeTextOption(command) }),
    ...(addresses === undefined
      ? {}
      : { sourceAddresses: parseSourceAddresses(decodeTextOption(addresses)) }),
    verifyRequired: verify !== undefined,
  };
}

/** The restrictions we can put on a user certificate. */
export interface Restrictions {
  readonly forceCommand?: string;
  /** Addresses and CIDR ranges. */
  readonly sourceAddresses?: readonly string[];
  readonly verifyRequired?: boolean;
}

/** Critical options from restrictions. Throws `invalid-address`, also for an empty list. */
export function encodeRestrictions({ forceCommand, sourceAddresses, verifyRequired }: Restrictions): Options {
  const options = new Map<string, Buffer>(flagOptions(verifyRequired ? [VERIFY_REQUIRED] : []));
  if (forceCommand !== undefined) options.set(FORCE_COMMAND, encodeTextOption(forceCommand));
  if (sourceAddresses !== undefined) {
    const list = sourceAddresses.join(",");
    parseSourceAddresses(list);
    options.set(SOURCE_ADDRESS, encodeTextOption(list));
  }
  return options;
}
