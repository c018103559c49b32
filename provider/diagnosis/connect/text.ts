import { failureLine } from "../../core/errors";
import type { ConnectReport, ConnectTest } from "./report-schema";

const HEADLINE = {
  fine: "the network works",
  warnings: "the network works for now",
  "not known": "no fault found, but not everything was tested",
  failed: "the network does not work",
} as const;

const SHOWN = { pass: "pass", note: "note", warn: "warn", fail: "FAIL", "not checked": "not checked" } as const;

/**
 * The report as lines of text: the causes, then all tests by where they were made from. A certificate that several see is shown once.
 */
export function connectLines({ site, status, causes, tests: all, milliseconds }: ConnectReport): string[] {
  const tests = withCertificatesOnce(all);
  const viewpoints = [...new Set(tests.map(({ from }) => from))];
  return [
    `site ${site}: ${HEADLINE[status]}`,
    ...causes.map(({ text: cause, ...rest }, index) => `  ${index + 1}. ${failureLine({ ...rest, cause })}`),
    ...viewpoints.flatMap((from) => [
      `  from ${from}`,
      ...rows(tests.filter((test) => test.from === from)).map((row) => `    ${row}`),
    ]),
    `  (${(milliseconds / 1000).toFixed(1)} s)`,
  ];
}

/** Leaves out what others see of the same certificate, and adds their names to the first one, where all see the same. */
function withCertificatesOnce(tests: readonly ConnectTest[]): ConnectTest[] {
  return tests.flatMap((test) => {
    const alike = tests.filter(({ to, certificate }) => certificate !== undefined && to === test.to);
    const isSame = alike.every(({ certificate }) => certificate?.sha256 === test.certificate?.sha256);
    if (test.certificate === undefined || alike.length < 2 || !isSame) return [test];
    const [first, ...others] = alike;
    if (test !== first) return [];
    const seers = others.map(({ from }) => from).join(", ");
    return [{ ...test, text: `${test.text}; ${seers} ${others.length === 1 ? "sees" : "see"} the same` }];
  });
}

function rows(tests: readonly ConnectTest[]): string[] {
  const title = ({ to, what }: ConnectTest) => `${to}: ${what}`;
  const width = Math.max(...tests.map((test) => title(test).length));
  return tests.map((test) => {
    const { status, text, remedy } = test;
    const end = remedy === undefined ? text : `${text}; ${remedy}`;
    return `${SHOWN[status].padEnd(11)}  ${title(test).padEnd(width)}  ${end}`;
  });
}
