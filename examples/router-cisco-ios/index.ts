import * as pulumi from "@pulumi/pulumi";
import { RouterRedirection } from "pulumi-safeguard";

/*
 * A Cisco router that sends RDP of all clients, and SSH of two networks of administrators, through SPS. Set the stack up with
 * `pulumi config set --secret routerPassword` and `pulumi config set router '{"address":"…","username":"…","hostKey":"ssh-ed25519 …"}'`.
 */
const config = new pulumi.Config();
const connection = config.requireObject<{ address: string; port?: number; username: string; hostKey: string }>(
  "router",
);

const towardsSps = {
  clientInterfaces: ["GigabitEthernet1"],
  spsAddress: "172.16.9.2",
  spsInterface: "GigabitEthernet3",
  // Policy routing sees packets, not connections: existing ones are sent to SPS, too.
  existingConnections: "cut" as const,
};

const edge = new RouterRedirection("edge", {
  platform: "cisco-ios",
  router: { ...connection, password: config.requireSecret("routerPassword") },
  redirections: [
    { ...towardsSps, name: "rdp", clientCidrs: ["192.168.50.0/24"], serverCidrs: ["10.0.0.4/30"], ports: [3389] },
    {
      ...towardsSps,
      name: "ssh",
      clientCidrs: ["192.168.50.0/27", "192.168.50.64/27"],
      serverCidrs: ["10.0.0.4/30"],
      ports: [22],
      // Passes SSH directly while the link to SPS is down. RDP is dropped then.
      failMode: "open",
    },
  ],
  // Without the configuration archive of the router, a restart rolls unconfirmed changes back.
  ciscoIos: { reloadFallback: true },
  // Enters `write memory` once the change is confirmed, which also saves unsaved changes of others.
  persist: true,
});

export const rules = edge.rules;
export const protection = edge.ciscoIosStatus.apply((status) => status?.protection);
