import fs from "node:fs";
import path from "node:path";
import Mocha from "mocha";

const EXIT_LIMIT_MILLISECONDS = 15_000;

/**
 * The result of a finished test run, as the reporter writes it for `npm test`.
 *
 * @typedef {object} TestResult
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} notRun titles of tests that did not run
 * @property {{title: string, milliseconds: number}[]} slowest the slowest tests and hooks, slowest first
 */

const SLOWEST_COUNT = 10;

/**
 * A mocha reporter for terminals and logs: one line per test file; each failure in full when it happens and again at the
 * end. The option `result` names the file for the {@link TestResult}.
 */
export default class FileReporter {
  /**
   * @param {Mocha.Runner} runner
   * @param {Mocha.MochaOptions} options
   */
  constructor(runner, options) {
    /** @type {Mocha.Test[]} */
    const failures = [];
    /** @type {Mocha.Test[]} */
    const passes = [];
    /** @type {Mocha.Hook[]} */
    const hooks = [];
    /** @type {string[]} */
    const notRun = [];
    const file = new FileLine();
    abortOnSignals(runner);

    runner.on("suite", (suite) => file.enter(suite.file));
    runner.on("test", (test) => file.enter(test.file));
    runner.on("hook end", (hook) => hooks.push(hook));
    runner.on("pass", (test) => {
      passes.push(test);
      file.count("passed");
    });
    runner.on("pending", (test) => {
      file.enter(test.file);
      notRun.push(test.fullTitle());
      file.count("not run");
    });
    runner.on("fail", (test, error) => {
      test.err = error;
      failures.push(test);
      file.enter(test.file);
      file.count("failed");
      process.stdout.write(
        `  FAILED ${test.fullTitle()}\n    ${String(error?.message ?? error).replaceAll("\n", "\n    ")}\n`,
      );
    });
    runner.once("end", () => {
      file.finish();
      if (failures.length > 0) Mocha.reporters.Base.list(failures);
      const slowest = [...passes, ...failures, ...hooks]
        .map((test) => ({ title: test.fullTitle(), milliseconds: test.duration ?? 0 }))
        .sort((a, b) => b.milliseconds - a.milliseconds)
        .slice(0, SLOWEST_COUNT);
      /** @type {TestResult} */
      const result = { passed: passes.length, failed: failures.length, notRun, slowest };
      const place = options.reporterOptions?.result;
      if (place) fs.writeFileSync(place, JSON.stringify(result));
      failUnlessExiting();
    });
  }
}

/** Counts the tests of one file and prints them, with the file's duration, when the next file begins. */
class FileLine {
  #file = "";
  #counts = { passed: 0, failed: 0, "not run": 0 };
  #start = Date.now();
  #processorSeconds = processorSeconds();

  /** @param {string | undefined} file */
  enter(file) {
    // The root suite and hooks have no file.
    const name = file ? path.relative(process.cwd(), file) : this.#file;
    if (name === this.#file) return;
    this.finish();
    this.#file = name;
    this.#start = Date.now();
    this.#processorSeconds = processorSeconds();
  }

  finish() {
    const counted = Object.entries(this.#counts).filter(([, count]) => count > 0);
    if (counted.length > 0) {
      const mark = this.#counts.failed > 0 ? "FAILED" : "ok    ";
      const text = counted.map(([kind, count]) => `${count} ${kind}`).join(", ");
      const seconds = ((Date.now() - this.#start) / 1000).toFixed(1);
      const used = (processorSeconds() - this.#processorSeconds).toFixed(1);
      process.stdout.write(`${mark} ${this.#file}: ${text}, ${seconds} s, ${used} s of processor\n`);
    }
    this.#counts = { passed: 0, failed: 0, "not run": 0 };
  }

  /** @param {"passed" | "failed" | "not run"} kind */
  count(kind) {
    this.#counts[kind] += 1;
  }
}

/**
 * Processor time of this process and of its children that have ended, in seconds: a run on two cores takes at least half of
 * the sum. Where the system does not tell about children, that of this process.
 */
function processorSeconds() {
  try {
    // Fields 14 to 17 of proc(5), in hundredths of a second; the name before them may hold spaces.
    const fields = fs.readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
}

/**
 * Ends the run after the current test, so that the tests' clean-ups run. A second signal ends it at once.
 *
 * @param {Mocha.Runner} runner
 */
function abortOnSignals(runner) {
  let since = 0;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      // One Ctrl-C may arrive twice: from the terminal and from npm.
      if (since > 0 && Date.now() - since > 1000) process.exit(130);
      if (since === 0)
        process.stderr.write("\ninterrupted: ending after this test and its clean-up; interrupt again to end now\n");
      since ||= Date.now();
      runner.abort();
    });
}

/** Fails when a test leaves a server, a timer or a child process behind, which would keep this process alive for ever. */
function failUnlessExiting() {
  setTimeout(() => {
    const resources = [...new Set(process.getActiveResourcesInfo())].join(", ");
    process.stderr.write(`The tests have ended, but these resources keep the process alive: ${resources}\n`);
    process.exit(1);
  }, EXIT_LIMIT_MILLISECONDS).unref();
}
