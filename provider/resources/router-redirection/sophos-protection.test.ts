import assert from "node:assert/strict";
import type { UtmObject } from "../../../lab/sophos-utm/configuration";
import type { RecordedRequest } from "../../../lab/sophos-utm/device";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { isChange, SophosLab } from "./sophos-lab.test";

const isTurned = (status: boolean) => (request: RecordedRequest) =>
  request.method === "PATCH" && request.body.includes(`"status":${status}`);

describe("RouterRedirection on a Sophos UTM: protection", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-protection", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  const create = async (parts = {}) => await resource.create(await lab.inputs(parts), lab.context());
  const refusalOf = async (redirection: Record<string, unknown>) => {
    const { code, message } = await failureOf(resource.create(await lab.inputsWith(redirection), lab.context()));
    return `${code} ${/check the router: (.*?);/.exec(message)?.[1] ?? message}`;
  };
  /** Changes an object behind the back of the product. */
  const edit = (name: string, values: Partial<UtmObject>) => {
    const all = [...lab.router.device.configuration.objects.values()];
    // Parameters of interfaces have the names of their interfaces.
    const object = all.find((one) => one.name === name && !one._type.startsWith("itfparams/"));
    assert.ok(object, name);
    Object.assign(object, values);
    return object;
  };

  it("says at preview what would change and that only this program rolls back, and changes nothing", async () => {
    const checked = resource.check(lab.raw({ preview: "always" }), lab.context());
    assert.deepEqual(
      checked.notes.map(({ severity, text }) => `${severity} ${text}`),
      [
        "warning platform sophos-utm cannot roll changes back by itself: they are rolled back only while this program runs and reaches the router",
      ],
    );
    const before = lab.configuration;
    const inputs = await lab.inputs({ preview: "always" });
    const { notes } = await resource.preview(undefined, inputs, lab.context());
    const { address, port } = lab.router.server;
    assert.deepEqual(
      notes.map(({ text }) => text.replace(`router ${address}:${port}: `, "")),
      [
        "redirection rdp may also send connections to the router's own address 10.0.0.1 to SPS",
        "interface Internal (192.168.50.1/24) exists",
        "interface SPS (172.16.9.1/24) exists",
        "only this program rolls back unconfirmed changes",
        "would create network sps:rdp:net:192.168.50.0/24",
        "would create network sps:rdp:net:10.0.0.0/24",
        "would create service sps:rdp:tcp:3389",
        "would create host sps:rdp:gateway:172.16.9.2",
        "would create policy route sps:rdp:in:Internal",
        "would turn on policy route sps:rdp:in:Internal",
      ],
    );
    assert.deepEqual(lab.configuration, before);
  });

  it("refuses at check what the API cannot do, with the reason", () => {
    const refusals = (parts: Record<string, unknown>) =>
      resource.check(lab.raw(parts), lab.context()).failures.map(({ reason }) => reason);
    assert.deepEqual(refusals({ probe: { path: "required" } }), [
      "probe.path: the API of a Sophos UTM has no probes; set it to whenPossible",
    ]);
    assert.deepEqual(refusals({ probe: { hosts: [{ address: "10.0.0.9", port: 22 }] } }), [
      "probe.hosts: the API of a Sophos UTM has no probes; leave it out",
    ]);
    assert.deepEqual(refusals({ redirections: [lab.redirection({ failMode: "closed" })] }), [
      "redirections[0].failMode: platform sophos-utm does not support closed; set it to open",
    ]);
    assert.deepEqual(refusals({ redirections: [lab.redirection({ existingConnections: "leave" })] }), [
      "redirections[0].existingConnections: policy routes of platform sophos-utm also apply to existing connections; set it to cut",
    ]);
    assert.deepEqual(refusals({ redirections: [lab.redirection({ spsInterface: "towards:10.0.0.0/24" })] }), [
      'Invalid value for redirections[0].spsInterface: towards:10.0.0.0/24. Allowed values are: the name of an interface in WebAdmin, "address:10.0.0.1" for the one with that address.',
    ]);
    assert.deepEqual(refusals({ redirections: [lab.redirection({ addressMode: "client" })] }), [
      "redirections[0].serverInterfaces: it is missing; with addressMode client the answers of servers are redirected where they arrive",
    ]);
  });

  it("refuses what would not work or would break something, before it changes anything", async () => {
    const before = lab.configuration;
    assert.equal(
      await refusalOf({ clientInterfaces: ["Guests"] }),
      "SG3103 interface Guests does not exist; Ethernet and VLAN interfaces: Internal, ServerFarm, SPS, Management (LAN)".split(
        ";",
      )[0],
    );
    assert.equal(
      await refusalOf({ spsAddress: "172.16.8.2" }),
      "SG3106 spsAddress 172.16.8.2 is in no network of interface SPS (172.16.9.1/24)",
    );
    assert.equal(
      await refusalOf({ spsAddress: "172.16.9.1" }),
      "SG3107 spsAddress 172.16.9.1 is the address of interface SPS",
    );
    assert.equal(
      await refusalOf({ ports: [4444] }),
      "SG3112 redirection rdp may also send connections to WebAdmin or the shell at the router's own address 10.0.0.1 to SPS",
    );
    assert.equal(
      await refusalOf({ ports: [lab.router.server.port] }),
      "SG3112 redirection rdp may also send connections to WebAdmin or the shell at the router's own address 10.0.0.1 to SPS",
    );
    assert.equal(
      await refusalOf({ clientInterfaces: ["address:172.16.9.1"] }),
      "SG3103 redirection rdp.clientInterfaces: SPS is also spsInterface",
    );
    assert.equal(
      await refusalOf({
        spsInterface: "address:172.16.9.1",
        serverInterfaces: ["SPS"],
        addressMode: "client",
      }),
      "SG3103 redirection rdp.serverInterfaces: SPS is also spsInterface",
    );
    assert.deepEqual(lab.configuration, before);
    edit("SPS", { status: false });
    const down = await failureOf(create());
    assert.equal(down.code, "SG3104");
  });

  it("refuses ports of WebAdmin at addresses of interfaces of any kind", async () => {
    const add = (name: string, address: string) =>
      lab.router.device.configuration.create("network/interface_address", { name, address });
    add("Bridge (Address)", "10.9.0.1");
    add("Uplink (Address)", "0.0.0.0");
    assert.equal(
      await refusalOf({ serverCidrs: ["10.9.0.0/24"], ports: [4444] }),
      "SG3112 redirection rdp may also send connections to WebAdmin or the shell at the router's own address 10.9.0.1 to SPS",
    );
    await resource.create(await lab.inputsWith({ serverCidrs: ["10.9.0.0/24"] }), lab.context());
  });

  it("refuses names and traffic of other resources unless it adopts them", async () => {
    const first = await create();
    const own = lab.own();
    const second = await lab.inputsWith({ ports: [8080] });
    const taken = await failureOf(resource.create(second, lab.context("other")));
    assert.equal(taken.code, "SG3201");
    assert.match(taken.message, /redirection rdp exists and belongs to resource router of stack tests\/lab/);
    const overlapping = await lab.inputsWith({ name: "all", ports: ["3000-4000"], spsAddress: "172.16.9.3" });
    const overlap = await failureOf(resource.create(overlapping, lab.context("other")));
    assert.equal(overlap.code, "SG3204");
    assert.deepEqual(lab.own(), own);

    const adopted = await resource.create({ ...second, adopt: true }, lab.context("other"));
    assert.deepEqual(
      [...lab.own().keys()].filter((name) => name.includes(":in:")),
      ["sps:rdp:in:Internal:2"],
    );
    assert.equal(await resource.read(first.id, first.state, lab.context()), undefined);
    await resource.delete(first.id, first.state, lab.context());
    assert.equal(lab.own().size, 5, "the former owner removes nothing");
    await resource.delete(adopted.id, adopted.state, lab.context("other"));
    assert.equal(lab.own().size, 0);
  });

  it("reports what was changed by hand, and repairs it without a gap", async () => {
    const { id, state } = await create();
    const rulesAfter = async (name: string, values: Partial<UtmObject>) => {
      edit(name, values);
      return (await resource.read(id, state, lab.context()))?.state.rules ?? [];
    };
    const text =
      "rdp: policy route on interface Internal: from 192.168.50.0/24 to 10.0.0.0/24, tcp 3389, gateway 172.16.9.2";
    assert.deepEqual(await rulesAfter("sps:rdp:in:Internal", { status: false }), [`${text}, off`]);
    assert.deepEqual(await rulesAfter("sps:rdp:tcp:3389", { dst_high: 3390 }), [
      `${text.replace("3389", "3389-3390")}, off`,
    ]);
    edit("HTTPS", { dst_low: 3389, dst_high: 3389 });
    edit("Web to proxy", { interface: "" });
    edit("Web proxy", { address: "172.16.9.9" });
    const { configuration } = lab.router.device;
    configuration.nodes.set("routes.policy", [...(configuration.node("routes.policy") as string[])].reverse());
    const broken = await resource.read(id, state, lab.context());
    assert.deepEqual(broken?.state.rules, [
      `${text.replace("3389", "3389-3390")}, off, below a policy route with the same traffic`,
    ]);
    assert.ok(broken);
    const changes = await lab.changesDuring(async () => {
      const { state: repaired } = await resource.update(id, broken.state, await lab.inputs(), lab.context());
      assert.deepEqual(repaired.rules, [text]);
    });
    assert.deepEqual(changes, [
      "PATCH service/tcp",
      "POST route/policy sps:rdp:in:Internal:2",
      "PATCH route/policy on",
      "DELETE route/policy",
    ]);
    assert.ok(
      lab.log
        .of("warn")
        .some((line) => line.includes('redirection rdp takes traffic from policy route "Web to proxy"')),
    );
  });

  it("keeps definitions that others use, and says so", async () => {
    const { id, state } = await create();
    const host = lab.own().get("sps:rdp:gateway:172.16.9.2");
    edit("Web to proxy", { target: host?._ref as string });
    await resource.delete(id, state, lab.context());
    assert.deepEqual([...lab.own().keys()], ["sps:rdp:gateway:172.16.9.2"]);
    assert.ok(
      lab.log
        .of("warn")
        .some((line) =>
          line.endsWith("sps:rdp:gateway:172.16.9.2 is kept, because it is used by REF_RouPolWebToProxy"),
        ),
    );
  });

  it("keeps a definition that others begin to use while it deletes", async () => {
    const inputs = await lab.inputsWith({ serverCidrs: ["10.0.0.5/32", "10.0.0.6/32"] });
    const { id, state } = await resource.create(inputs, lab.context());
    const { device } = lab.router;
    const host = lab.own().get("sps:rdp:net:10.0.0.6/32") ?? assert.fail();
    device.faultFor = ({ method, path }) => {
      if (method === "DELETE" && path.includes("/network/group/")) edit("Web to proxy", { target: host._ref });
      return undefined;
    };
    await resource.delete(id, state, lab.context());
    assert.deepEqual([...lab.own().values()], [host]);
    const kept = lab.log.of("warn").filter((text) => text.includes("is kept"));
    const object = `router ${lab.router.server.address}:${lab.router.server.port}`;
    assert.deepEqual(kept, [`${object}: ${host.name} is kept, because it is used by REF_RouPolWebToProxy`]);
    assert.equal(lab.configuration.objects.find(({ name }) => name === "Web to proxy")?.target, host._ref);
  });

  it("refuses locked objects, or overrides locks of users on request", async () => {
    const { id, state } = await create();
    edit("sps:rdp:in:Internal", { _locked: "user" });
    const locked = await failureOf(resource.delete(id, state, lab.context()));
    assert.equal(locked.code, "SG3210");
    assert.match(
      locked.message,
      /the change needs "turn off policy route sps:rdp:in:Internal", and this object is locked by a user;/,
    );
    const overriding = { ...state, sophosUtm: { overrideLocks: true } };
    await resource.delete(id, overriding, lab.context());
    assert.equal(lab.own().size, 0);
  });

  it("rolls back when no new connection works, as soon as it reaches the router again", async () => {
    const before = lab.configuration;
    const { device } = lab.router;
    lab.log.status = (message) => {
      if (message.includes("waiting for a connection to roll the changes back")) device.isReachable = true;
    };
    device.faultFor = (request) => {
      if (!isTurned(true)(request)) return undefined;
      device.isReachable = false;
      return undefined;
    };
    const { code, isPartial, message } = await failureOf(create());
    assert.deepEqual([code, isPartial, lab.configuration], ["SG3306", false, before]);
    assert.match(message, /confirm the changes: no new connection after the changes: /);
  });

  it("rolls back when the objects read back differ from the planned ones", async () => {
    const before = lab.configuration;
    const { device } = lab.router;
    device.faultFor = (request) => {
      // Someone turns the new policy route off before the confirmation.
      if (request.path === "/api/status/version" && lab.own().get("sps:rdp:in:Internal")?.status) {
        edit("sps:rdp:in:Internal", { status: false });
        device.faultFor = () => undefined;
      }
      return undefined;
    };
    const { code, message } = await failureOf(create());
    assert.deepEqual([code, lab.configuration], ["SG3306", before]);
    assert.match(message, /it still needs "turn on policy route sps:rdp:in:Internal"/);
  });

  it("records a change whose old parts cannot be deleted, and deletes them in the next run", async () => {
    const { id, state } = await create();
    const wider = await lab.inputsWith({ ports: [3389, 8080] });
    lab.router.device.faultFor = ({ method }) => (method === "DELETE" ? { status: 503 } : undefined);
    const failure = await failureOf(resource.update(id, state, wider, lab.context()));
    assert.deepEqual([failure.code, failure.isPartial], ["SG3311", true]);
    lab.router.device.faultFor = () => undefined;
    const { state: after } = await resource.update(id, state, wider, lab.context());
    assert.equal(after.rules.length, 1);
    assert.deepEqual(
      [...lab.own().keys()].filter((name) => name.includes(":in:")),
      ["sps:rdp:in:Internal:2"],
    );
  });

  it("explains a refused login, a missing right and a refused request, without the password", async () => {
    const router = lab.raw().router as Record<string, unknown>;
    const wrong = await lab.inputs({ router: { ...router, password: "wrong-token-of-a-test" } });
    const login = await failureOf(resource.create(wrong, lab.context()));
    assert.equal(login.code, "SG3017");
    assert.doesNotMatch(login.message + lab.log.all.join(), /wrong-token-of-a-test/);
    const { device } = lab.router;
    const withUser = await lab.inputs({ router: { ...router, username: device.username, password: device.password } });
    device.faultFor = ({ path }) => (path.includes("/interface/") ? { status: 403 } : undefined);
    assert.equal((await failureOf(resource.create(withUser, lab.context()))).code, "SG3018");
    device.faultFor = ({ path }) => (path.includes("/interface/") ? { status: 500 } : undefined);
    assert.equal((await failureOf(resource.create(withUser, lab.context()))).code, "SG3019");
    const secrets = [device.token, device.password, Buffer.from(`token:${device.token}`).toString("base64")];
    assert.ok(!secrets.some((secret) => lab.log.all.join("\n").includes(secret)));
    assert.equal(device.requests.filter(isChange).length, 0);
  });

  it("rolls back after a cancel", async () => {
    const before = lab.configuration;
    const cancel = new AbortController();
    lab.router.device.faultFor = (request) => {
      if (isTurned(true)(request)) cancel.abort(new Error("cancelled by the user"));
      return undefined;
    };
    const context = { ...lab.context(), signal: cancel.signal };
    await failureOf(resource.create(await lab.inputs(), context));
    assert.deepEqual(lab.configuration, before);
  });
});
