import assert from "node:assert/strict";
import { operationContext, silentLog } from "../../core/context";
import { PartialFailure } from "../../core/errors";
import { UNKNOWN } from "../../core/unknown";
import { LACKING, MemoryPlatform } from "./memory-platform.test";
import { routerRedirectionOperations } from "./operations";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

type Parts = Record<string, unknown>;

const redirection = (parts: Parts = {}) => ({
  name: "rdp",
  clientInterfaces: ["GigabitEthernet0/0/1"],
  clientCidrs: ["192.168.50.0/24"],
  serverCidrs: ["10.0.0.0/24"],
  ports: [3389],
  spsAddress: "172.16.9.2",
  spsInterface: "GigabitEthernet0/0/2",
  existingConnections: "cut",
  ...parts,
});

const program = (parts: Parts = {}): Parts => ({
  platform: "memory",
  router: { address: "one" },
  redirections: [redirection()],
  persist: false,
  ...parts,
});

/** What asks for each capability, and what refuses it. */
const REQUESTS: Record<(typeof LACKING)[number], { parts: Parts; reason: string }> = {
  persistence: { parts: { persist: true }, reason: "persist: memory lacks persistence; set it to false" },
  draining: {
    parts: { removal: { connections: "drain" } },
    reason: "removal.connections: memory lacks draining; set it to cut",
  },
  bypass: { parts: { bypass: "when-sps-silent" }, reason: "bypass: memory lacks bypass; set it to never" },
  pathProof: {
    parts: { probe: { path: "required" } },
    reason: "probe.path: memory lacks pathProof; set it to whenPossible",
  },
  trafficProof: {
    parts: { probe: { traffic: "required" } },
    reason: "probe.traffic: memory lacks trafficProof; set it to whenPossible",
  },
  hostProbes: {
    parts: { probe: { hosts: [{ address: "10.0.0.9" }] } },
    reason: "probe.hosts: memory lacks hostProbes; leave it out",
  },
  portProbes: {
    parts: { probe: { hosts: [{ address: "10.0.0.9" }, { address: "10.0.0.10", port: 22 }] } },
    reason: "probe.hosts[1].port: memory lacks portProbes; leave it out: the host is pinged",
  },
  adopting: { parts: { adopt: true }, reason: "adopt: memory lacks adopting; set it to false" },
  existingConnections: {
    parts: { redirections: [redirection({ existingConnections: "leave" })] },
    reason: "redirections[0].existingConnections: memory lacks existingConnections; set it to cut",
  },
  client: {
    parts: { redirections: [redirection({ addressMode: "client" })] },
    reason: "redirections[0].addressMode: platform memory does not support client; set it to own",
  },
  open: {
    parts: { redirections: [redirection({ failMode: "open" })] },
    reason: "redirections[0].failMode: platform memory does not support open; set it to closed",
  },
};

describe("RouterRedirection on a platform in memory", () => {
  const context = operationContext();
  const start = (...arguments_: ConstructorParameters<typeof MemoryPlatform>) => {
    const memory = new MemoryPlatform(...arguments_);
    const resource = routerRedirectionOperations(memory.platforms);
    const check = (parts: Parts = {}) => resource.check(program(parts), context);
    const inputs = (parts: Parts = {}) => check(parts).inputs as unknown as RouterRedirectionKnown;
    return { memory, resource, check, inputs };
  };
  const rule = (name = "rdp", zone = "inside") => `${zone}: ${name} to GigabitEthernet0/0/2`;

  it("checks, previews, creates, reads, updates and deletes a redirection", async () => {
    const { memory, resource, check, inputs } = start();
    const checked = check();
    assert.deepEqual(checked.failures, []);
    assert.deepEqual(checked.notes, [{ severity: "info", text: "memory: looked at the inputs" }]);
    assert.deepEqual(Reflect.get(checked.inputs, "memory"), { zone: "inside" });
    const preview = await resource.preview(undefined, inputs({ preview: "never" }), context);
    assert.deepEqual(preview, { outputs: { rules: [rule()] }, failures: [], notes: [] });
    assert.deepEqual(memory.calls, [], "neither asks the router");

    const { id, state } = await resource.create(inputs(), context);
    assert.equal(id, "one/rdp");
    assert.deepEqual([state.rules, Reflect.get(state, "memoryStatus")], [[rule()], { zone: "inside" }]);
    assert.equal(state.confirmedAt, "2026-01-01T00:00:00Z");
    assert.deepEqual(resource.diff(id, state, inputs()), []);
    const read = await resource.read(id, state, context);
    assert.deepEqual(read?.inputs, { ...inputs() });

    const news = inputs({ redirections: [redirection(), redirection({ name: "web", ports: [80] })] });
    const paths = resource.diff(id, state, news).map(({ path }) => path);
    assert.deepEqual(paths, ["redirections[1]", "rules[1]"]);
    const updated = await resource.update(id, state, news, context);
    assert.deepEqual(updated.state.rules, [rule(), rule("web")]);

    await resource.delete(id, updated.state, context);
    assert.equal(await resource.read(id, updated.state, context), undefined);
    assert.deepEqual(memory.calls, ["apply one", "read one", "apply one", "remove one", "read one"]);
  });

  it("checks a new or changed redirection on the router in previews, and shows its refusals", async () => {
    const { memory, resource, inputs } = start();
    const shown = await resource.preview(undefined, inputs(), context);
    assert.deepEqual(shown.notes, [{ severity: "info", text: "router one: would change" }]);
    memory.fault = "refused";
    const refused = await resource.preview(undefined, inputs(), context);
    assert.match(refused.failures[0]?.reason ?? "", /^router one: change the rules: the test wants it so; .*SG3301\]$/);
    memory.fault = "unreachable";
    const unreachable = await resource.preview(undefined, inputs(), context);
    assert.deepEqual(unreachable.failures, []);
    assert.match(
      unreachable.notes[0]?.text ?? "",
      /^router one: host key, .* are not checked: change the rules: .*3001/,
    );
    assert.deepEqual(memory.calls, Array(3).fill("preview one summary"));

    const { state } = await resource.create(inputs(), context);
    memory.calls.length = 0;
    const recorded = { inputs: { ...state }, state, isRepeated: true };
    const changed = inputs({ memory: { zone: "outside" } });
    await resource.preview(recorded, inputs({ commitConfirm: { windowSeconds: 30 } }), context);
    await resource.preview({ inputs: { ...state } }, changed, context);
    assert.deepEqual(memory.calls, [], "the router would not change, or the state is not known yet");
    await resource.preview(recorded, changed, context);
    assert.deepEqual(memory.calls, ["preview one summary"]);
  });

  it("asks the router of a changed resource once, before the state is known, where the inputs show the change", async () => {
    const { memory, resource, inputs } = start();
    const { state } = await resource.create(inputs(), context);
    const ownContext = () => operationContext({ resource: { name: "edge", urn: "urn:pulumi:dev::net::type::edge" } });
    const [recorded, changed] = [{ inputs: { ...state } }, inputs({ memory: { zone: "outside" } })];
    const previewed = { rules: state.rules };
    memory.calls.length = 0;
    const own = ownContext();
    const first = await resource.preview({ ...recorded, previewed }, changed, own);
    const second = await resource.preview({ ...recorded, state, isRepeated: true }, changed, own);
    assert.deepEqual(memory.calls, ["preview one summary"]);
    assert.deepEqual(
      [first, second].map(({ notes }) => notes.filter(({ text }) => text.includes("would change")).length),
      [1, 0],
    );

    memory.fault = "unreachable";
    await resource.preview({ ...recorded, previewed }, changed, ownContext());
    memory.fault = "foreign";
    const conflict = await resource.preview({ ...recorded, previewed }, changed, ownContext());
    assert.deepEqual(
      conflict.failures.map(({ code }) => code),
      ["SG3201"],
    );
    memory.calls.length = 0;
    await resource.preview({ ...recorded, previewed }, inputs(), ownContext());
    await resource.preview({ ...recorded, previewed, isRenamed: true }, changed, ownContext());
    assert.deepEqual(memory.calls, [], "nothing would change, or the former owner is known from the state alone");
  });

  it("refuses a name that another resource of the program uses on the same router, and asks nothing then", async () => {
    const { memory, resource, inputs } = start();
    const { deployment } = operationContext();
    const previewOf = (name: string, parts: Parts = {}) =>
      resource.preview(
        undefined,
        inputs(parts),
        operationContext({ deployment, resource: { name, urn: `urn:pulumi:dev::net::type::${name}` } }),
      );
    for (const name of ["east", "east"]) assert.deepEqual((await previewOf(name)).failures, []);
    assert.deepEqual((await previewOf("north", { router: { address: "two" } })).failures, []);
    memory.calls.length = 0;
    const reason =
      "redirections[0].name: router one has rdp of resource east already; give every redirection of a router a name of its own";
    assert.deepEqual((await previewOf("west")).failures, [{ path: "redirections[0].name", reason }]);
    assert.deepEqual(memory.calls, []);
  });

  it("compares redirections by name and rules by line, and shows both before an update", async () => {
    const { resource, inputs } = start();
    const named = (...names: string[]) =>
      inputs({ preview: "never", redirections: names.map((name, n) => redirection({ name, ports: [3000 + n] })) });
    const { id, state } = await resource.create(named("rdp", "web"), context);
    const first = inputs({
      preview: "never",
      redirections: [redirection({ name: "api", ports: [1] }), ...state.redirections],
    });
    assert.deepEqual(resource.diff(id, state, first), [
      { path: "redirections[0]", kind: "add", replaces: false },
      { path: "rules[0]", kind: "add", replaces: false },
    ]);
    const [rdp] = state.redirections;
    const last = inputs({ preview: "never", redirections: [{ ...rdp, ports: [3001] }] });
    assert.deepEqual(resource.diff(id, state, last), [
      { path: "redirections[0].ports[0]", kind: "update", replaces: false },
      { path: "redirections[1]", kind: "delete", replaces: false },
      { path: "rules[1]", kind: "delete", replaces: false },
    ]);
    const recorded = { inputs: { ...state }, state, isRepeated: true };
    const texts = async (news: RouterRedirectionKnown) =>
      (await resource.preview(recorded, news, context)).notes.map(({ severity, text }) => `${severity}: ${text}`);
    assert.deepEqual(await texts(first), ["info: router one: + redirection api", `info: router one: + ${rule("api")}`]);
    const removes = (name: string) =>
      `warning: router one: removes redirection ${name}: new connections go direct and are NOT recorded`;
    const changed = "info: router one: ~ redirection rdp: ports 3000 -> 3001";
    assert.deepEqual(await texts(last), [removes("web"), changed, `info: router one: - ${rule("web")}`]);
    const moved = inputs({ preview: "never", redirections: state.redirections, router: { address: "two" } });
    assert.deepEqual(await texts(moved), [removes("rdp"), removes("web")]);
  });

  it("checks the router in every preview with always, but once for each preview", async () => {
    const { memory, resource, inputs } = start();
    const live = inputs({ preview: "always" });
    await resource.preview({ inputs: { ...live } }, live, context);
    await resource.preview({ inputs: { ...live }, isRepeated: true }, live, context);
    const unknown = { ...live, router: UNKNOWN } as unknown as RouterRedirectionKnown;
    const left = await resource.preview(undefined, unknown, context);
    assert.deepEqual(left.outputs, { rules: [rule()] }, "the rules do not depend on the connection");
    assert.match(left.notes[0]?.text ?? "", /^router: not checked: router is known only during the update$/);
    assert.deepEqual(memory.calls, ["preview one full"]);
  });

  it("moves to another router: checks the new one first, then leaves the old one", async () => {
    const { memory, resource, inputs } = start();
    const { id, state } = await resource.create(inputs(), context);
    const news = inputs({ router: { address: "two" } });
    memory.calls.length = 0;
    memory.fault = "refused";
    await assert.rejects(resource.update(id, state, news, context), { code: "SG3301" });
    assert.deepEqual([...memory.routers.keys()], ["one"], "nothing was changed");
    const moved = await resource.update(id, state, news, context);
    assert.deepEqual([...memory.routers.keys()], ["two"]);
    assert.deepEqual(moved.state.router, { address: "two" });
    assert.deepEqual(memory.calls.slice(1), ["preview two refusals", "remove one", "apply two"]);
  });

  it("refuses a redirection of another resource without adopt, and removes none that was taken over", async () => {
    const { memory, resource, inputs } = start();
    const log: string[] = [];
    const contextOf = (stack: string, name = "router") =>
      operationContext({
        resource: { name, urn: `urn:pulumi:${stack}::tests::memory::${name}` },
        log: { ...silentLog, warn: (line) => log.push(line) },
      });
    const first = await resource.create(inputs(), contextOf("one"));
    await assert.rejects(resource.create(inputs(), contextOf("two")), {
      code: "SG3201",
      message: /it belongs to resource router of stack tests\/one; /,
    });
    const again = await resource.create(inputs(), contextOf("one"));
    assert.notEqual(again.state.ownerId, first.state.ownerId);
    assert.equal(await resource.read(first.id, first.state, contextOf("one")), undefined, "replaced");
    await resource.delete(first.id, first.state, contextOf("one"));
    assert.deepEqual([[...(memory.routers.get("one")?.keys() ?? [])], log], [["rdp"], []]);

    const second = await resource.create(inputs({ adopt: true }), contextOf("two"));
    await resource.delete(again.id, again.state, contextOf("one"));
    assert.deepEqual([[...(memory.routers.get("one")?.keys() ?? [])], log], [["rdp"], []]);
    const both = inputs({ redirections: [redirection({ name: "ssh" }), redirection({ name: "web", ports: [80] })] });
    const { state } = await resource.update(second.id, second.state, both, contextOf("two"));
    await resource.delete(second.id, state, contextOf("two"));
    assert.deepEqual(
      log,
      ["rdp", "ssh", "web"].map(
        (name) => `router one: redirection ${name} removed: new connections go direct and are NOT recorded`,
      ),
    );
    assert.equal(memory.routers.size, 0);
  });

  it("records a partially applied change with its platform, and the next update finishes it", async () => {
    const { memory, resource, inputs } = start();
    const failureOf = async (work: Promise<unknown>) => {
      const failure: unknown = await work.catch((error: unknown) => error);
      assert.ok(failure instanceof PartialFailure, String(failure));
      return failure.state as unknown as RouterRedirectionState;
    };
    memory.fault = "partial";
    const created = await failureOf(resource.create(inputs(), context));
    assert.deepEqual([created.rules, created.unfinished], [["half"], undefined]);
    const { id, state } = await resource.create(inputs(), context);
    memory.fault = "partial";
    const news = inputs({ memory: { zone: "outside" } });
    const half = await failureOf(resource.update(id, state, news, context));
    const { redirections } = state;
    assert.deepEqual(half.unfinished, { platform: "memory", redirections, memory: { zone: "inside" } });
    assert.ok(resource.diff(id, half, news).some(({ path }) => path === "unfinished"));
    const { state: done } = await resource.update(id, half, news, context);
    assert.deepEqual([done.rules, done.unfinished], [[rule("rdp", "outside")], undefined]);
    memory.fault = "partial";
    await assert.rejects(resource.delete(id, done, context), { code: "SG3302" });
  });

  it("records nothing of a change that the router refuses", async () => {
    const { memory, resource, inputs } = start();
    memory.fault = "refused";
    await assert.rejects(resource.create(inputs(), context), { name: "SafeguardError", code: "SG3301" });
  });

  it("changes nothing on the router when only the apply options differ", async () => {
    const { memory, resource, inputs } = start();
    const { id, state } = await resource.create(inputs(), context);
    await resource.update(id, state, inputs({ commitConfirm: { windowSeconds: 30 } }), context);
    assert.deepEqual(memory.calls, ["apply one"]);
  });

  it("lets only one resource at a time change a router", async () => {
    const { memory, resource, inputs } = start();
    const all = ["rdp", "web", "ssh"].map((name) => inputs({ redirections: [redirection({ name })] }));
    await Promise.all(all.map((one) => resource.create(one, context)));
    assert.equal(memory.mostAtOnce, 1);
  });

  for (const lacking of LACKING) {
    const { parts, reason } = REQUESTS[lacking];
    it(`refuses inputs that need ${lacking} only on platforms without it`, () => {
      assert.deepEqual(
        start([lacking])
          .check(parts)
          .failures.map((failure) => failure.reason),
        [reason],
      );
      // A port is one of a probed host.
      const needed = lacking === "portProbes" ? [lacking, "hostProbes"] : [lacking];
      const others = LACKING.filter((one) => !needed.includes(one));
      assert.deepEqual(start(others).check(parts).failures, []);
      assert.deepEqual(start(LACKING).check().failures, [], "nothing is asked for");
    });
  }

  it("warns when the router itself cannot roll changes back", () => {
    const { notes } = start([], "provider").check();
    const text =
      "platform memory cannot roll changes back by itself: they are rolled back only while this program runs and reaches the router";
    assert.deepEqual(notes.at(-1), { severity: "warning", text });
  });

  it("refuses a platform that is not registered", () => {
    const [failure] = start().resource.check({ ...program(), platform: "linux" }, context).failures;
    assert.equal(failure?.reason, "platform: linux cannot be managed yet; set it to memory");
  });
});
