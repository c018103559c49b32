import { utils } from "ssh2";

export const hostKey = utils.generateKeyPairSync("ed25519").public.trim();

/** A redirection as a program would write it; no router is asked. */
export function redirection(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: "rdp",
    clientInterfaces: ["rcli"],
    serverCidrs: ["10.0.0.0/24"],
    ports: [3389, 22],
    spsAddress: "172.16.9.2",
    spsInterface: "rsps",
    ...parts,
  };
}

/** What a program would write around it. */
export function program(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    platform: "linux",
    router: { address: "10.0.0.1", password: "hunter2", hostKey },
    redirections: [redirection()],
    ...parts,
  };
}
