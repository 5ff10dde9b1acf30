// The reporter: every test by name in CI, a dot each elsewhere, and a plain line at the end that a machine can read.
// CommonJS, because mocha loads a reporter by `require` and takes what the module itself is.
const { reporters } = require("mocha");

const Shown = process.env.CI ? reporters.Spec : reporters.Dot;

module.exports = class PlainLast extends Shown {
  constructor(runner, options) {
    super(runner, options);
    const count = { passed: 0, failed: 0 };
    runner.on("pass", () => count.passed++);
    runner.on("fail", () => count.failed++);
    runner.once("end", () => process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`));
  }
};
