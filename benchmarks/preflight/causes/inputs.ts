import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApplianceConnection } from "../../../provider/core/connection";
import type { PreflightOrder } from "../../../provider/join/preflight/order";
import type { LabPair } from "../lab-pair";
import { type Cause, spp, sps } from "./cause";

/** Wrong inputs of the program. */
export const INPUTS: Cause[] = [
  { name: "SPS password", check: "sps-login", status: "fail", arrange: (pair) => sps(pair, { password: "wrong" }) },
  {
    name: "SPS password variable is not set",
    check: "sps-login",
    status: "fail",
    arrange: (pair) => sps(pair, { password: undefined, passwordEnv: "NO_SUCH_VARIABLE_IS_SET" }),
  },
  {
    name: "SPP password variable is not set",
    check: "spp-login",
    status: "fail",
    arrange: (pair) => spp(pair, { password: undefined, passwordEnv: "NO_SUCH_VARIABLE_IS_SET" }),
  },
  { name: "SPS port", check: "sps-reachable", status: "fail", arrange: (pair) => sps(pair, { port: 1 }) },
  { name: "SPP port", check: "spp-reachable", status: "fail", arrange: (pair) => spp(pair, { port: 1 }) },
  {
    name: "SPP at SPS's address",
    check: "sps-is-sps",
    status: "fail",
    arrange: (pair) => ({ sps: pair.order({ sps: addressOf(pair.order(), "spp") }).sps }),
  },
  {
    name: "SPS at SPP's address",
    check: "spp-is-spp",
    status: "fail",
    arrange: (pair) => ({ spp: pair.order({ spp: addressOf(pair.order(), "sps") }).spp }),
  },
  {
    name: "web site without TLS at SPS's address",
    check: "sps-is-sps",
    status: "fail",
    arrange: async (pair) => sps(pair, { address: "127.0.61.200", port: await plainSite(pair) }),
  },
  {
    name: "SPS certificate of an unknown authority",
    check: "sps-certificate",
    status: "fail",
    arrange: (pair) => sps(pair, { ca: undefined }),
  },
  {
    name: "SPS certificate is not the pinned one",
    check: "sps-certificate",
    status: "fail",
    arrange: (pair) => sps(pair, { certificateSha256: "0".repeat(64) }),
  },
  {
    name: "SPS certificate lacks the name",
    check: "sps-certificate",
    status: "fail",
    options: { sps: { address: "127.0.0.1" } },
    arrange: (pair) => sps(pair, { address: "localhost" }),
  },
  {
    name: "SPS identity not asked for",
    check: "sps-certificate",
    status: "warn",
    arrange: (pair) => sps(pair, { insecureSkipVerify: true }),
  },
  {
    name: "another cluster",
    check: "sps-cluster-id",
    status: "fail",
    arrange: () => ({ clusterId: "00000000-0000-4000-8000-000000000000" }),
  },
];

/** A port of this machine where a web site answers without TLS. */
async function plainSite(pair: LabPair): Promise<number> {
  const server = createServer((_request, response) => response.end("<h1>It works!</h1>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.61.200", resolve));
  pair.bench.addCleanup(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function addressOf(order: PreflightOrder, side: "sps" | "spp"): Partial<ApplianceConnection> {
  const { connection } = order[side];
  return { address: connection?.address ?? "", port: connection?.port ?? 0 };
}
