/**
 * cli: from words on a command line to what they mean. Starts and keeps the bastion's processes (`serve`), makes a home
 * (`init`, `start`), carries commands to the running bastion, and reads recordings and certificates without one.
 *
 * Must never: decide anything about access, hold a CA key in the supervisor, or leave a child behind.
 */
export { main } from "./run.js";
