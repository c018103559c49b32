#!/usr/bin/env node
import { main } from "./main";

const cancel = new AbortController();
process.once("SIGINT", () => cancel.abort(new Error("interrupted")));
process.once("SIGTERM", () => cancel.abort(new Error("interrupted")));
const output = {
  out: (text: string) => void process.stdout.write(text),
  error: (text: string) => void process.stderr.write(text),
};
void main(process.argv.slice(2), output, cancel.signal).then((code) => process.exit(code));
