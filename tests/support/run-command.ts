import { main } from "../../cli/main";

/** Runs the command in this process, and gives what it printed. */
export async function runCommand(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  const printed = { out: "", error: "" };
  const output = {
    out(text: string) {
      printed.out += text;
    },
    error(text: string) {
      printed.error += text;
    },
  };
  return { code: await main(args, output), ...printed };
}
