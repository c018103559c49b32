#!/usr/bin/env node
import { main } from "./main";

const cancel = new AbortController();
// The second signal of a kind ends the process at once.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => cancel.abort(new Error("interrupted")));
// A terminal that is closed, or a reader that ends, must not end the sites in work.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
const output = {
  out: (text: string) => void process.stdout.write(text),
  error: (text: string) => void process.stderr.write(text),
};
void main(process.argv.slice(2), output, cancel.signal).then((code) => process.exit(code));
