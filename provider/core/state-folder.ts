import os from "node:os";
import { join } from "node:path";

/**
 * The folder for what this product notes on the machine of the user: `pulumi-safeguard/NAME` in the state folder
 * (XDG_STATE_HOME); undefined for an account without a home.
 */
export function stateFolder(name: string): string | undefined {
  try {
    const state = process.env.XDG_STATE_HOME || join(os.homedir(), ".local", "state");
    return join(state, "pulumi-safeguard", name);
  } catch {
    return undefined;
  }
}
