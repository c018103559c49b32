import assert from "node:assert/strict";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

describe("RouterRedirection on a Sophos UTM: what was typed by hand after the vendor's guide", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-adoption", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  const configuration = () => lab.router.device.configuration;
  const internal = () =>
    configuration()
      .list("interface/ethernet")
      .find(({ name }) => name === "Internal")?._ref;
  /** The objects of the guide, with the names that people give them. */
  const typeByHand = (parts: Record<string, unknown> = {}, locked: "" | "user" = "") => {
    const host = configuration().create("network/host", { name: "SPS appliance", address: "172.16.9.2" });
    const service = configuration().create("service/tcp", {
      name: "Microsoft Remote Desktop Protocol",
      dst_low: 3389,
      dst_high: 3389,
    });
    const clients = configuration().create("network/network", {
      name: "Clients",
      address: "192.168.50.0",
      netmask: 24,
    });
    const servers = configuration().create("network/network", { name: "Servers", address: "10.0.0.0", netmask: 24 });
    const route = configuration().create(
      "route/policy",
      {
        name: "RDP to SPS",
        type: "host",
        interface: internal(),
        source: clients._ref,
        service: service._ref,
        destination: servers._ref,
        target: host._ref,
        status: true,
        ...parts,
      },
      { insert: { node: "routes.policy", position: 1 } },
    );
    configuration().objects.set(route._ref, { ...route, _locked: locked });
    return route;
  };
  const namedValues = ({ _ref, _type, _locked, ...values }: ReturnType<typeof typeByHand>) => values;
  const all = () => structuredClone([[...configuration().objects.values()], [...configuration().nodes]]);

  it("is refused until it may be adopted, and nothing is changed", async () => {
    typeByHand();
    const before = all();
    const { code, message } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.equal(code, "SG3205");
    assert.match(message, /policy route "RDP to SPS" already sends traffic of redirection rdp to SPS; set adopt: true/);
    assert.deepEqual(all(), before);
  });

  it("is replaced without a gap when adopted; its definitions stay, and removal leaves them as found", async () => {
    const route = typeByHand();
    const { id, state } = await resource.create(await lab.inputs({ adopt: true }), lab.context());
    assert.equal(configuration().objects.has(route._ref), false);
    assert.equal((configuration().nodes.get("routes.policy") as string[]).includes(route._ref), false);
    assert.equal(state.rules.length, 1);
    await resource.delete(id, state, lab.context());
    const names = [...configuration().objects.values()].map(({ name }) => name);
    for (const name of ["SPS appliance", "Microsoft Remote Desktop Protocol", "Clients", "Servers"])
      assert.ok(names.includes(name), name);
    assert.equal(
      names.some((name) => String(name).startsWith("sps:")),
      false,
    );
  });

  it("is turned on again when the change is rolled back", async () => {
    const route = typeByHand();
    const before = all();
    const inputs = await lab.inputs({ adopt: true });
    let struck = 0;
    lab.router.device.faultFor = ({ method, path }) => {
      if (method !== "PATCH" || !path.endsWith(route._ref) || struck > 0) return undefined;
      struck += 1;
      return "cut-after";
    };
    const { code, isPartial } = await failureOf(resource.create(inputs, lab.context()));
    assert.deepEqual([code, isPartial], ["SG3301", false]);
    assert.deepEqual(all(), before);
  });

  for (const refusals of [1, Number.POSITIVE_INFINITY]) {
    const title = refusals === 1 ? "is turned on at the next attempt" : "makes the failure partial";
    it(`${title} when the router ${refusals === 1 ? "first" : "always"} fails to turn it on again`, async () => {
      const route = typeByHand();
      const inputs = await lab.inputs({ adopt: true });
      let count = 0;
      lab.router.device.faultFor = ({ method, path }) => {
        if (method !== "PATCH" || !path.endsWith(route._ref)) return undefined;
        count += 1;
        if (count === 1) return "cut-after";
        return count <= 1 + refusals ? { status: 503, isCarriedOut: false } : undefined;
      };
      const { code, isPartial, message } = await failureOf(resource.create(inputs, lab.context()));
      const isOn = configuration().objects.get(route._ref)?.status;
      assert.deepEqual([code, isPartial, isOn], refusals === 1 ? ["SG3301", false, true] : ["SG3302", true, false]);
      if (refusals > 1) assert.match(message, /not as before: route\/policy RDP to SPS/);
    });
  }

  it("is the only one that is changed when another policy route has its name", async () => {
    lab.router.device.configuration.options.hasUniqueNames = false;
    const route = typeByHand();
    const other = configuration().create(
      "route/policy",
      { ...namedValues(route), source: "REF_NetworkAny", destination: "REF_NetworkAny", service: "REF_ServiceAny" },
      { insert: { node: "routes.policy", position: -1 } },
    );
    const { id, state } = await resource.create(await lab.inputs({ adopt: true }), lab.context());
    assert.equal(configuration().objects.has(route._ref), false);
    await resource.delete(id, state, lab.context());
    assert.deepEqual(configuration().objects.get(other._ref), other);
  });

  it("is no part of the redirection when it matches more, and is warned of", async () => {
    const route = typeByHand({ source: "REF_NetworkAny" });
    await resource.create(await lab.inputs({ adopt: true }), lab.context());
    assert.ok(configuration().objects.has(route._ref));
    const text = 'redirection rdp takes traffic from policy route "RDP to SPS", because it is above it';
    assert.ok(lab.log.of("warn").some((line) => line.includes(text)));
  });

  it("is no part of the redirection when its service matches more than TCP, and is warned of", async () => {
    const values = { name: "RDP, both", dst_low: 3389, dst_high: 3389 };
    const route = typeByHand({ service: configuration().create("service/tcpudp", values)._ref });
    await resource.create(await lab.inputs({ adopt: true }), lab.context());
    assert.ok(configuration().objects.has(route._ref));
    assert.ok(lab.log.of("warn").some((line) => line.includes('takes traffic from policy route "RDP to SPS"')));
  });

  it("has nothing in common with policy routes of other protocols, and stays in sync below them", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    configuration().options.hasUniqueNames = false;
    const create = (type: string, values: object = {}) =>
      configuration().create(`service/${type}`, { name: `${type} of others`, ...values })._ref;
    const members = [create("ip", { proto: 47 }), create("icmp"), create("ah"), create("esp")];
    const udp = create("udp", { dst_low: 3389, dst_high: 3389 });
    const target = configuration().create("network/host", { name: "Elsewhere", address: "172.16.9.9" })._ref;
    for (const [index, service] of [...members, udp, create("group", { members })].entries())
      typeByHand({ name: `other ${index}`, service, target });
    const found = await resource.read(id, state, lab.context());
    assert.deepEqual(found?.state.rules, state.rules);
    typeByHand({ name: "all TCP", service: create("ip", { name: "TCP", proto: 6 }), target });
    const shadowed = await resource.read(id, state, lab.context());
    assert.match(shadowed?.state.rules.join() ?? "", /below a policy route with the same traffic/);
  });

  it("is refused when a user has locked it", async () => {
    typeByHand({}, "user");
    const { code } = await failureOf(resource.create(await lab.inputs({ adopt: true }), lab.context()));
    assert.equal(code, "SG3210");
  });
});
