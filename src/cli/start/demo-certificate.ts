import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { CertificateError, parseCertificateLine } from "../../certificate/index.js";
import { askRunning } from "../run-shared.js";
import { DEMO_LOGINS, DEMO_TARGET, type DemoFiles } from "./demo-files.js";

/** A certificate that ends sooner than this is made anew. */
const USEFUL_MS = 60_000;

/** Gives alice a certificate for the target's first login beside her key, unless the one she has still opens a live grant. Gives whether it is new. */
export async function ensureCertificate(files: DemoFiles, home: string, span: string): Promise<boolean> {
  if (await isUseful(files, home)) return false;
  const { json } = await askRunning(
    "cert issue",
    {
      identity: ["alice"],
      target: [DEMO_TARGET],
      login: [DEMO_LOGINS[0]],
      for: [span],
      reason: ["to look around"],
    },
    { home },
  );
  const { certificate } = json as { certificate: string };
  writeFileSync(files.aliceCertificate, `${certificate}\n`, { mode: 0o600 });
  return true;
}

async function isUseful({ aliceCertificate }: DemoFiles, home: string): Promise<boolean> {
  if (!existsSync(aliceCertificate)) return false;
  try {
    const { keyId, validBefore } = parseCertificateLine(readFileSync(aliceCertificate, "utf8")).certificate;
    if (Number(validBefore) * 1000 < Date.now() + USEFUL_MS) return false;
    const { json } = await askRunning("grants", { identity: ["alice"] }, { home });
    return (json as readonly { id: string }[]).some(({ id }) => keyId.includes(id));
  } catch (error) {
    if (error instanceof CertificateError) return false;
    throw error;
  }
}
