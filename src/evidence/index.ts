/**
 * evidence: whether a ledger and its recordings are whole, unchanged, and all there is, told from files alone: no bastion,
 * no lock, no database, no clock. It shares with the writers only what is pure: the tree, the notes, the formats, the fold.
 *
 * Must never: write, believe a file that it did not check, stop at the first fault where it can go on, skip what it does not
 * know, open a path that evidence names outside of the evidence, or import the engine that writes the ledger.
 */
export { EvidenceError, type EvidenceErrorCode } from "./evidence-error.js";
export type { EvidenceFault, EvidenceFaultCode } from "./evidence-fault.js";
export { evidenceJson, evidenceText } from "./report-text.js";
export type { EvidenceReport, SessionCounts, Witnessing } from "./evidence-report.js";
export type { EvidenceSource } from "./evidence-source.js";
export type { EvidenceProgress, OlderCheckpoint, VerifyEvidenceOptions } from "./verify-options.js";
export { homeSource, type HomeFolders } from "./home-source.js";
export { bundleFiles } from "./bundle/bundle-files.js";
export { findSessionIn } from "./bundle/find-session.js";
export { makeBundle, type Bundle } from "./bundle/make-bundle.js";
export { tarOf } from "./bundle/tar.js";
export { isBundle } from "./bundle/bundle-folder.js";
export { verifyBundle } from "./bundle/verify-bundle.js";
export { verifyEvidence } from "./verify-evidence.js";
export { urlSource, type UrlSourceOptions } from "./url-source.js";
export { rootOfEntries, type HeldEntry } from "./journal-root.js";
