import assert from "node:assert/strict";
import type { LabDescription, SophosUtmDescription } from "../../lab/common/description";
import type { Lab } from "../../lab/lab";
import { CISCO_PROMPT, CLISH_PROMPT, enter, utmApi } from "../../tools/start/router-by-hand";

/** Types the redirection of RDP after the guide for the router of a lab, without the product. */
export async function typeRecipe({ description, network: kernel }: Lab): Promise<void> {
  const { network, ciscoIos, checkPoint, sophosUtm } = description;
  assert.ok(network && kernel);
  const { client, server, sps, router } = network;
  if (ciscoIos) {
    const lines = [
      "configure terminal",
      "ip access-list extended rdp-inbound",
      `permit tcp ${wildcard(client.network)} ${wildcard(server.network)} eq 3389`,
      "route-map rdp-in permit 10",
      "match ip address rdp-inbound",
      `set ip next-hop ${sps.address}`,
      `interface ${ciscoIos.clientInterface}`,
      "ip policy route-map rdp-in",
      "end",
    ];
    await enter(ciscoIos, CISCO_PROMPT, lines);
    return;
  }
  if (checkPoint) {
    const rule = `set pbr rule priority 100`;
    const match = `match from ${client.network} to ${server.network} interface ${checkPoint.clientInterface}`;
    await enter(checkPoint, CLISH_PROMPT, [
      `set pbr table RDP static-route default nexthop gateway address ${sps.address} on`,
      `${rule} ${match}`,
      `${rule} match protocol tcp`,
      `${rule} match port 3389`,
      `${rule} action table RDP`,
    ]);
    return;
  }
  if (sophosUtm) return createObjects(sophosUtm, network);
  const mangle = "iptables -t mangle";
  const input = `${mangle} -I PREROUTING -i ${router.clientInterface} -p tcp -d ${server.network} --dport 3389 -j CONNMARK --set-mark 1
${mangle} -A PREROUTING ! -i ${router.spsInterface} -m connmark --mark 1 -j MARK --set-mark 1
ip route add default via ${sps.address} table 103
ip rule add from all fwmark 1 table 103
`;
  const { status, stderr } = await kernel.exec("router", ["sh", "-es"], { input });
  assert.equal(status, 0, stderr);
}

/** The objects and the policy route of the guide, with the names that people give them. */
async function createObjects(utm: SophosUtmDescription, network: NonNullable<LabDescription["network"]>) {
  const call = utmApi(utm);
  const create = async (type: string, body: object, more = {}) =>
    (await call<{ _ref: string }>("POST", `/objects/${type}/`, body, more))._ref;
  const networkOf = (name: string, cidr: string) => {
    const [base, bits] = cidr.split("/");
    return create("network/network", { name, address: base, netmask: Number(bits) });
  };
  const interfaces = await call<{ _ref: string; name: string }[]>("GET", "/objects/interface/ethernet/");
  const inside = interfaces.find(({ name }) => name === utm.clientInterface);
  assert.ok(inside, `no interface ${utm.clientInterface}`);
  const route = {
    name: "RDP to SPS",
    type: "host",
    interface: inside._ref,
    source: await networkOf("Clients", network.client.network),
    service: await create("service/tcp", { name: "Remote Desktop", dst_low: 3389, dst_high: 3389 }),
    destination: await networkOf("Servers", network.server.network),
    target: await create("network/host", { name: "SPS appliance", address: network.sps.address }),
    status: true,
  };
  await create("route/policy", route, { "x-restd-insert": "routes.policy 1" });
}

/** A network as ACLs write it, such as `10.0.0.0 0.0.0.255`. */
function wildcard(cidr: string): string {
  const [address, bits] = cidr.split("/");
  const host = 2 ** (32 - Number(bits)) - 1;
  return `${address} ${[24, 16, 8, 0].map((shift) => (host >>> shift) & 255).join(".")}`;
}
