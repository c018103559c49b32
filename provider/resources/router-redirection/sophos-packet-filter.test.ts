import assert from "node:assert/strict";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

describe("RouterRedirection on a Sophos UTM: the packet filter", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-filter", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  const configuration = () => lab.router.device.configuration;
  const notes = async (parts: Record<string, unknown> = {}) => {
    const redirections = [lab.redirection(parts)];
    const inputs = await lab.inputs({ preview: "always", redirections });
    const { notes: all } = await resource.preview(undefined, inputs, lab.context());
    return all.map(({ text }) => text.replace(/^router \S+: /, "")).filter((text) => text.includes("packet filter"));
  };
  const add = (values: Record<string, unknown>, node = "packetfilter.rules") =>
    configuration().create("packetfilter/packetfilter", { status: true, ...values }, { insert: { node, position: 1 } });
  const service = (type: string, first: number, last = first) =>
    configuration().create(`service/${type}`, { name: `${type} ${first}`, dst_low: first, dst_high: last })._ref;
  const any = { sources: ["REF_NetworkAny"], destinations: ["REF_NetworkAny"], services: ["REF_ServiceAny"] };

  it("is not mentioned when it accepts the traffic", async () => {
    assert.deepEqual(await notes(), []);
  });

  it("is told at preview when no rule accepts clients or SPS to servers", async () => {
    configuration().setNodes({ "packetfilter.rules": [] });
    assert.deepEqual(await notes(), [
      "no packet filter rule accepts tcp 3389 from clients to the servers of redirection rdp; add one in Network Protection > Firewall",
      "no packet filter rule accepts tcp 3389 from SPS to the servers of redirection rdp; add one in Network Protection > Firewall",
    ]);
    add({ ...any, services: ["REF_SerTcpHttps"] });
    assert.equal((await notes()).length, 2, "another service");
    add({ ...any, status: false });
    assert.equal((await notes()).length, 2, "a rule that is off");
    add(any);
    assert.deepEqual(await notes(), []);
  });

  it("is told at preview when a rule before may drop the traffic of SPS", async () => {
    add({ ...any, name: "No proxy", action: "drop", sources: ["REF_NetHosProxy"] });
    assert.deepEqual(await notes(), [
      'rule 1 "No proxy" of the packet filter may drop tcp 3389 from SPS to the servers of redirection rdp',
    ]);
  });

  it("accepts nothing for certain by rules that are bound to a time, sender or interface", async () => {
    configuration().setNodes({ "packetfilter.rules": [] });
    const [internal] = configuration().list("interface/ethernet");
    add({ ...any, time: "REF_TimRecOffice" });
    add({ ...any, source_mac_addresses: "REF_MacLisOffice" });
    add({ ...any, interface: internal?._ref });
    add({ ...any, direction: "in" });
    const values = { name: "Bound", address: "0.0.0.0", netmask: 0, interface: internal?._ref };
    add({ ...any, sources: [configuration().create("network/network", values)._ref] });
    assert.equal((await notes()).length, 2);
  });

  it("also has automatic rules, which decide before the others", async () => {
    add({ ...any, action: "drop", name: "Automatic" }, "packetfilter.rules_auto");
    assert.match((await notes()).join(), /rule 1 "Automatic" of the packet filter may drop tcp 3389 from clients/);
    configuration().setNodes({ "packetfilter.rules_auto": [], "packetfilter.rules": [] });
    add(any, "packetfilter.rules_auto");
    assert.deepEqual(await notes(), []);
  });

  it("is not told of for rules that drop only UDP", async () => {
    const udp = service("udp", 137, 138);
    const group = configuration().create("service/group", { name: "NetBIOS", members: [udp, service("udp", 3389)] });
    add({ ...any, action: "drop", services: [udp, group._ref] });
    assert.deepEqual(await notes(), []);
  });

  it("drops and accepts by services of every kind, alone and in groups", async () => {
    const create = (type: string, values: Record<string, unknown> = {}) =>
      configuration().create(`service/${type}`, { name: `${type} ${Object.values(values)}`, ...values })._ref;
    const others = [
      create("ip", { proto: 47 }),
      create("icmp"),
      create("icmpv6"),
      create("ah"),
      create("esp"),
      service("udp", 3389),
    ];
    const group = create("group", { members: others });
    for (const one of [...others, group]) add({ ...any, action: "drop", services: [one] });
    assert.deepEqual(await notes(), [], "no TCP");
    const hits = [create("ip", { proto: 6 }), create("ip", { proto: 0 }), service("tcpudp", 3389)];
    const groups = [...hits, "REF_ServiceAny"].map((one, index) =>
      create("group", { name: `group ${index}`, members: [...others, one] }),
    );
    for (const one of [...hits, ...groups]) {
      const { _ref } = add({ ...any, action: "drop", services: [one] });
      assert.equal((await notes()).length, 2, one);
      configuration().delete("packetfilter/packetfilter", _ref, { isAcknowledged: true });
    }
    configuration().setNodes({ "packetfilter.rules": [] });
    add({ ...any, services: [create("ip", { name: "all TCP", proto: 6 })] });
    assert.deepEqual(await notes(), []);
  });

  it("accepts by all rules together: by a range, by TCP with UDP and by a group with UDP", async () => {
    const accept = (...services: string[]) => {
      configuration().setNodes({ "packetfilter.rules": [] });
      for (const one of services) add({ ...any, services: [one] });
    };
    accept(service("tcp", 1, 65_535));
    assert.deepEqual(await notes(), []);
    const [rdp, other] = [service("tcpudp", 3389), service("tcp", 5000)];
    accept(rdp, other);
    assert.deepEqual(await notes({ ports: [3389, 5000] }), []);
    accept(rdp);
    assert.match((await notes({ ports: [3389, 5000] })).join(), /^no packet filter rule accepts tcp 5000 from clients/);
    const members = [rdp, service("udp", 500)];
    accept(configuration().create("service/group", { name: "Mixed", members })._ref);
    assert.deepEqual(await notes(), []);
    accept();
    const half = (address: string) =>
      configuration().create("network/network", { name: address, address, netmask: 25 });
    for (const address of ["10.0.0.0", "10.0.0.128"]) add({ ...any, destinations: [half(address)._ref] });
    assert.deepEqual(await notes(), []);
  });

  it("may drop by a rule in an unexpected shape, and neither refresh nor removal depend on it", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const rule = add({ ...any, action: "drop", name: "Odd" });
    configuration().objects.set(rule._ref, { ...rule, services: "REF_ServiceAny" });
    const inputs = await lab.inputs({ preview: "always" });
    const { notes: found } = await resource.preview({ inputs: { ...state }, state }, inputs, lab.context());
    assert.ok(
      found.some(({ text }) => text.includes('rule 1 "Odd" of the packet filter may drop tcp 3389 from clients')),
    );
    lab.router.device.requests.length = 0;
    await resource.read(id, state, lab.context());
    await resource.delete(id, state, lab.context());
    assert.deepEqual(
      lab.router.device.requests.filter(({ path }) => path.includes("packetfilter/packetfilter")),
      [],
    );
  });

  it("is told at preview when the user may not read it", async () => {
    lab.router.device.faultFor = ({ path }) =>
      path.includes("packetfilter/packetfilter") ? { status: 403, isCarriedOut: false } : undefined;
    const [text] = await notes();
    assert.match(text ?? "", /^the packet filter cannot be read: it must accept clients to servers/);
  });
});
