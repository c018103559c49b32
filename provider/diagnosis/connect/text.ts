import { failureLine } from "../../core/errors";
import type { ConnectReport, ConnectTest } from "./report";

const HEADLINE = {
  fine: "the network works",
  "not known": "no fault found, but not everything was tested",
  failed: "the network does not work",
} as const;

const SHOWN = { pass: "pass", note: "note", warn: "warn", fail: "FAIL", "not checked": "not checked" } as const;

/** The report as lines of text: the causes, then all tests by where they were made from. */
export function connectLines({ site, status, causes, tests, milliseconds }: ConnectReport): string[] {
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

function rows(tests: readonly ConnectTest[]): string[] {
  const title = ({ to, what }: ConnectTest) => `${to}: ${what}`;
  const width = Math.max(...tests.map((test) => title(test).length));
  return tests.map((test) => {
    const { status, text, remedy } = test;
    const end = remedy === undefined ? text : `${text}; ${remedy}`;
    return `${SHOWN[status].padEnd(11)}  ${title(test).padEnd(width)}  ${end}`;
  });
}
