import assert from "node:assert/strict";
import { answer } from "../../../lab/sophos-utm/api";
import type { UtmObject } from "../../../lab/sophos-utm/configuration";
import type { RecordedRequest } from "../../../lab/sophos-utm/device";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { isChange, SophosLab } from "./sophos-lab.test";

const isNewRoute = ({ method, path }: RecordedRequest) => method === "POST" && path.includes("/route/policy/");

describe("RouterRedirection on a Sophos UTM: rollback", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-rollback", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  it("undoes a change that the router makes only after the first rollback", async () => {
    const before = lab.configuration;
    const { device } = lab.router;
    let late: RecordedRequest | undefined;
    device.faultFor = (request) => {
      if (request.method !== "POST") return undefined;
      late = request;
      return "cut-before";
    };
    let made = 0;
    lab.log.status = (message) => {
      if (!late || !message.includes("reading again in 3 s")) return;
      assert.deepEqual(lab.configuration, before);
      const headers = { "content-type": "application/json", ...late.directives };
      made = answer(device.configuration, { ...late, headers }).status;
    };
    const { code, isPartial } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([code, isPartial, made], ["SG3301", false, 201]);
    assert.deepEqual(lab.configuration, before);
  });

  it("waits for the answer of a change that is on its way when the user cancels", async () => {
    const before = lab.configuration;
    const cancel = new AbortController();
    lab.router.device.faultFor = (request) => {
      if (request.body.includes('"status":true')) cancel.abort(new Error("cancelled by the user"));
      return undefined;
    };
    const inputs = await lab.inputs();
    const { code, message } = await failureOf(resource.create(inputs, { ...lab.context(), signal: cancel.signal }));
    assert.equal(code, "SG3306", message);
    assert.deepEqual(lab.configuration, before);
  });

  it("does not undo a step that the router refused", async () => {
    const before = lab.configuration;
    lab.breakChange(4, { status: 400 });
    const { device } = lab.router;
    const sent = device.requests.length;
    const { code, message } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.equal(code, "SG3301");
    assert.match(message, /create policy route sps:rdp:in:Internal: the router answered 400/);
    const undone = device.requests.slice(sent).filter(({ method }) => method === "DELETE");
    assert.deepEqual([undone.length, lab.configuration], [4, before]);
    lab.breakChange(0, { status: 400 });
    const first = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([first.code, first.isPartial], ["SG3019", false]);
  });

  it("undoes the other steps when the router refuses to undo one, and names what is left", async () => {
    const { device } = lab.router;
    let deletions = 0;
    device.faultFor = (request) => {
      if (isNewRoute(request)) return { status: 400 };
      if (request.method !== "DELETE") return undefined;
      deletions += 1;
      return deletions === 1 ? { status: 403 } : undefined;
    };
    const { code, isPartial, message } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([code, isPartial], ["SG3302", true]);
    assert.match(message, /the router answered 400; not as before: network\/host sps:rdp:gateway:172\.16\.9\.2;/);
    assert.deepEqual([[...lab.own().keys()], deletions], [["sps:rdp:gateway:172.16.9.2"], 4]);
  });

  for (const [title, change] of Object.entries({
    added: (others: Others) => others.add("added meanwhile"),
    removed: (others: Others) => others.remove("REF_RouPolWebToProxy"),
  })) {
    it(`is complete when another administrator has ${title} a policy route meanwhile`, async () => {
      const { configuration } = lab.router.device;
      const others: Others = {
        add: (name) => {
          const { _ref, _type, _locked, ...values } = configuration.get("route/policy", "REF_RouPolWebToProxy");
          const insert = { node: "routes.policy", position: 1 };
          configuration.create("route/policy", { ...values, name }, { insert });
        },
        remove: (ref) => configuration.delete("route/policy", ref, { isAcknowledged: true }),
      };
      lab.router.device.faultFor = (request) => {
        if (!request.body.includes('"status":true')) return undefined;
        change(others);
        return { status: 400 };
      };
      const { code, isPartial, message } = await failureOf(resource.create(await lab.inputs(), lab.context()));
      assert.deepEqual([code, isPartial, lab.own().size], ["SG3301", false, 0], message);
    });
  }

  for (const [title, position] of Object.entries({ "is refused": 4, "gets no answer": 5 }))
    it(`leaves objects of another resource that are made meanwhile, when a request ${title}`, async () => {
      const { device } = lab.router;
      const inputs = await lab.inputs();
      device.configuration.options = { ...device.configuration.options, hasUniqueNames: false };
      const foreign = new Map<string, UtmObject>();
      let changes = 0;
      device.faultFor = (request) => {
        if (!isChange(request) || foreign.size > 0) return undefined;
        changes += 1;
        if (changes <= position) return undefined;
        const { configuration } = device;
        for (const name of ["sps:rdp:gateway:172.16.9.2", "sps:ssh:gateway:172.16.9.2"]) {
          const comment = "safeguard owner ffffffffffff urn:pulumi:other::tests::safeguard:RouterRedirection::router";
          const { _ref } = configuration.create("network/host", { name, address: "172.16.9.2", comment });
          foreign.set(_ref, structuredClone(configuration.get("network/host", _ref)));
        }
        const { _ref: target } = [...foreign.values()][0] ?? assert.fail();
        const { _ref, _type, _locked, ...values } = configuration.get("route/policy", "REF_RouPolWebToProxy");
        const route = { ...values, name: "sps:rdp:in:Internal", target, comment: [...foreign.values()][0]?.comment };
        const insert = { node: "routes.policy", position: 1 };
        const { _ref: made } = configuration.create("route/policy", route, { insert });
        foreign.set(made, structuredClone(configuration.get("route/policy", made)));
        return title === "is refused" ? { status: 400 } : "cut-before";
      };
      const { code, isPartial, message } = await failureOf(resource.create(inputs, lab.context()));
      assert.deepEqual([code, isPartial], ["SG3301", false], message);
      const left = lab.configuration.objects.filter(({ name }) => /^sps:/.test(String(name)));
      assert.deepEqual(new Map(left.map((one) => [one._ref, one])), new Map([...foreign].sort()));
    });

  it("is not complete when its own policy route stays in another place", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const { device } = lab.router;
    const own = lab.own().get("sps:rdp:in:Internal")?._ref;
    device.faultFor = (request) => {
      if (!request.body.includes('"status":true')) return undefined;
      device.configuration.setNodes({ "routes.policy": ["REF_RouPolWebToProxy", own] });
      return { status: 400 };
    };
    const update = resource.update(id, state, await lab.inputsWith({ spsAddress: "172.16.9.3" }), lab.context());
    const { code, isPartial } = await failureOf(update);
    assert.deepEqual([code, isPartial], ["SG3302", true]);
  });
});

/** What another administrator does. */
interface Others {
  add(name: string): void;
  remove(ref: string): void;
}
