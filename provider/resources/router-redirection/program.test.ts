export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

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

/** What a program would write around it, without a check on the router in previews. */
export function program(parts: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    platform: "linux",
    preview: "never",
    router: { address: "10.0.0.1", password: "hunter2", hostKey },
    redirections: [redirection()],
    ...parts,
  };
}
