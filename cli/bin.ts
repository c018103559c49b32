#!/usr/bin/env node
import { showsLinks } from "./error-links";
import { main } from "./main";

const cancel = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => cancel.abort(new Error("cancelled")));
}
// A reader that ends, such as `head`, has read what it wanted; the exit code tells the result all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
const output = {
  out: (text: string) => void process.stdout.write(text),
  error: (text: string) => void process.stderr.write(text),
  ...(process.stderr.isTTY && {
    progress(text: string) {
      // Goes back to the begin of the line and clears it.
      process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
    },
  }),
  // Node obeys NO_COLOR, FORCE_COLOR and TERM.
  hasColours: process.stdout.isTTY && process.stdout.hasColors(),
  hasLinks: showsLinks(process.stdout, process.env),
};
void main(process.argv.slice(2), output, cancel.signal).then((code) => {
  process.exitCode = code;
});
