import { TerminalClient } from "../command-line/terminal-client.test";
import type { CiscoRouter } from "./lab-router";

/** Logs in to a Cisco router. */
export async function openTerminal({ device, server }: CiscoRouter, rows = 24): Promise<TerminalClient> {
  const login = { ...server, username: device.username, password: device.password };
  return await TerminalClient.open(login, /(^|\n)edge-1(\([a-z0-9-]+\))?[>#]$/, { rows });
}

/** What a router answered to a line, without its echo and the next prompt. */
export const outputOf = (text: string) => text.slice(text.indexOf("\n") + 1, text.lastIndexOf("\n"));

/** Works on the command line of a router in privileged EXEC mode. */
export function commandLineOf(terminal: () => TerminalClient) {
  const show = async (line: string) => outputOf(await terminal().type(line));
  /** Types lines in the configuration mode. @returns the answer to each, which is empty for most */
  const answers = async (...lines: string[]) => {
    await terminal().type("configure terminal");
    const all: string[] = [];
    for (const line of lines) all.push(await show(line));
    await terminal().type("end");
    return all;
  };
  /** The same. @returns the answers that are not empty */
  const configure = async (...lines: string[]) => (await answers(...lines)).filter((answer) => answer !== "");
  return { show, answers, configure };
}
