import { TerminalClient } from "../command-line/terminal-client.test";
import type { CiscoRouter } from "./lab-router";

/** Logs in to a Cisco router. */
export async function openTerminal({ device, server }: CiscoRouter, rows = 24): Promise<TerminalClient> {
  const login = { ...server, username: device.username, password: device.password };
  return await TerminalClient.open(login, /(^|\n)edge-1(\([a-z0-9-]+\))?[>#]$/, { rows });
}
