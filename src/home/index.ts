/**
 * home: where things lie in a bastion's home, and that nobody else can look into it. Small, so that a command line finds
 * the bastion's socket without loading what decides.
 *
 * Must never: read what is in a key, loosen a right, or take a home that is open to others for a good one.
 */
export {
  checkHome,
  checkSecretFile,
  closeToOthers,
  hasHome,
  homePaths,
  isThere,
  makeHome,
  type HomePaths,
} from "./home.js";
export { HomeError, type HomeErrorCode } from "./home-error.js";
