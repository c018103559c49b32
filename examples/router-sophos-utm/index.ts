import * as pulumi from "@pulumi/pulumi";
import { RouterRedirection } from "pulumi-safeguard";

/*
 * A Sophos UTM that sends RDP and one web port through SPS. Set the stack up with `pulumi config set --secret routerPassword`,
 * the token of the API, and `pulumi config set router '{"address":"…","certificateSha256":"…"}'`, or with ca for the certificate.
 */
const config = new pulumi.Config();
const connection = config.requireObject<{ address: string; port?: number; ca?: string; certificateSha256?: string }>(
  "router",
);

const utm = new RouterRedirection("utm", {
  platform: "sophos-utm",
  router: { ...connection, password: config.requireSecret("routerPassword") },
  redirections: [
    {
      name: "admins",
      // Names as in WebAdmin, or selected by an address.
      clientInterfaces: ["address:192.168.50.1"],
      clientCidrs: ["192.168.50.0/24"],
      serverCidrs: ["10.0.0.5/32", "10.0.0.6/32"],
      ports: [3389, 8080],
      spsAddress: "172.16.9.2",
      spsInterface: "SPS",
      // The UTM cannot drop what SPS should have received: while the link to SPS is down, traffic passes directly.
      failMode: "open",
      // Policy routes decide about each packet: existing connections are sent to SPS, too.
      existingConnections: "cut",
    },
  ],
});

export const rules = utm.rules;
export const policyRoutes = utm.sophosUtmStatus.apply((status) => status?.policyRoutes);
