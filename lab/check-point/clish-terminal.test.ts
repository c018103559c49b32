import { TerminalClient } from "../command-line/terminal-client.test";
import type { CheckPointRouter } from "./lab-router";

const PROMPT = /(^|\n)gw-1> $/;

/** Logs in to the Clish of a gateway, with room for any output. */
export function openClish({ device, server }: CheckPointRouter): Promise<TerminalClient> {
  const login = { ...server, username: device.username, password: device.password };
  return TerminalClient.open(login, PROMPT, { rows: 1000, cols: 200 });
}

/** The output of a line without its echo and the next prompt. */
export const answerTo = async (terminal: TerminalClient, line: string) =>
  (await terminal.type(line)).replace(`${line}\n`, "").replace(PROMPT, "");
