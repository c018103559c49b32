import * as pulumi from "@pulumi/pulumi";
import { RouterRedirection } from "pulumi-safeguard";

/*
 * A Check Point gateway that sends RDP and SSH through SPS. Set the stack up with
 * `pulumi config set --secret routerPassword` and `pulumi config set router '{"address":"…","username":"…","hostKey":"ssh-ed25519 …"}'`.
 * In a cluster, declare the same redirections once for every member.
 */
const config = new pulumi.Config();
const connection = config.requireObject<{ address: string; port?: number; username: string; hostKey: string }>(
  "router",
);

const gateway = new RouterRedirection("gateway", {
  platform: "check-point",
  router: { ...connection, password: config.requireSecret("routerPassword") },
  redirections: [
    {
      name: "admins",
      clientInterfaces: ["eth1"],
      clientCidrs: ["192.168.50.0/24"],
      serverCidrs: ["10.0.0.4/30"],
      // Each port takes a PBR rule for each interface and network.
      ports: [22, 3389],
      spsAddress: "172.16.9.2",
      spsInterface: "eth3",
      // PBR sees packets, not connections: existing ones are sent to SPS, too.
      existingConnections: "cut",
    },
  ],
  // PBR rules 2000 to 2999 belong to this program. Rules of others keep their priorities.
  checkPoint: { firstPriority: 2000, lastPriority: 2999 },
  // Enters `save config` once the change is confirmed, which also saves unsaved changes of others.
  persist: true,
});

export const rules = gateway.rules;
export const pbrRules = gateway.checkPointStatus.apply((status) => status?.rules);
