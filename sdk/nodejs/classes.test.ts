import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { before, beforeEach, describe, it } from "mocha";
import {
  type RouterRedirectionOutputs,
  routerRedirectionOutputs,
} from "../../provider/resources/router-redirection/schema";
import { type SppJoinOutputs, sppJoinOutputs } from "../../provider/resources/spp-join/schema";
import { type SpsClusterOutputs, spsClusterOutputs } from "../../provider/resources/sps-cluster/schema";
import {
  JoinGuard,
  RouterRedirection,
  type RouterRedirectionArgs,
  Site,
  SppJoin,
  type SppJoinArgs,
  SpsCluster,
} from ".";

/** What a program registered, as Pulumi's engine would get it. */
interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
  isProtected: boolean;
  parent: string;
  dependencies: string[];
}

const SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [SECRET_SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });

const sps = { address: "10.0.0.1", password: "hunter2" };
const spp = { address: "10.0.0.5", username: "join", password: "correct horse" };
const acknowledge = { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" } as const;
const joinArgs: SppJoinArgs = { sps, spp, acknowledge };
const routerArgs: RouterRedirectionArgs = {
  platform: "linux",
  router: { address: "10.0.0.254", privateKey: "key", hostKey: "ssh-ed25519 A" },
  redirections: [],
};

describe("resource classes", () => {
  const registered: Registered[] = [];

  before(async () => {
    const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: `${name}-id`, state: inputs });
    await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "project", "stack", false);
    const monitor = pulumi.runtime.getMonitor();
    if (!monitor) assert.fail("the mocks have no monitor");
    // The mocks show only part of a request, and secrets not where they stand in it.
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = ((request: RegisterResourceRequest, ...rest: [never]) => {
      registered.push({
        type: request.getType(),
        name: request.getName(),
        inputs: request.getObject()?.toJavaScript() ?? {},
        isProtected: request.getProtect() ?? false,
        parent: request.getParent(),
        dependencies: request.getDependenciesList(),
      });
      return register(request, ...rest);
    }) as typeof monitor.registerResource;
  });
  beforeEach(() => registered.splice(0));

  /** What a resource registered, once it is. */
  async function registrationOf(resource: pulumi.Resource): Promise<Registered> {
    await new Promise((resolve) => resource.urn.apply(resolve));
    const name = (await promiseOf(resource.urn)).split("::").pop();
    return registered.find((entry) => entry.name === name) ?? assert.fail(`${name} was not registered`);
  }

  const promiseOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve as never));

  it("registers each class under the type recorded in users' states", async () => {
    const cluster = await registrationOf(new SpsCluster("c", { centralManagement: sps }));
    const join = await registrationOf(new SppJoin("j", joinArgs));
    const router = await registrationOf(new RouterRedirection("r", routerArgs));
    assert.equal(cluster.type, "pulumi-nodejs:dynamic/safeguard:SpsCluster");
    assert.equal(join.type, "pulumi-nodejs:dynamic/safeguard:SppJoin");
    assert.equal(router.type, "pulumi-nodejs:dynamic/safeguard:RouterRedirection");
  });

  it("passes the given inputs on, marks credentials as secrets and adds only the provider and its URN", async () => {
    const { inputs } = await registrationOf(
      new SpsCluster("with-members", {
        centralManagement: sps,
        searchRole: "search-local",
        members: [{ connection: { address: "10.0.0.2", passwordEnv: "SPS" } }, { connection: sps }],
      }),
    );
    const { __provider: provider, __urn: urn, ...rest } = inputs;
    assert.equal(typeof provider, "string");
    assert.equal(urn, "urn:pulumi:stack::project::pulumi-nodejs:dynamic/safeguard:SpsCluster::with-members");
    assert.deepEqual(rest, {
      centralManagement: { address: "10.0.0.1", password: secret("hunter2") },
      searchRole: "search-local",
      members: [
        { connection: { address: "10.0.0.2", passwordEnv: "SPS" } },
        { connection: { address: "10.0.0.1", password: secret("hunter2") } },
      ],
    });
  });

  it("marks members given as an output or promise as secret as a whole", async () => {
    const members = [{ connection: sps }];
    for (const [name, given] of Object.entries({ output: pulumi.output(members), promise: Promise.resolve(members) })) {
      const { inputs } = await registrationOf(new SpsCluster(name, { centralManagement: sps, members: given }));
      assert.deepEqual(inputs.members, secret(members), name);
    }
    const one = await registrationOf(
      new SpsCluster("one", { centralManagement: sps, members: [pulumi.output({ connection: sps })] }),
    );
    assert.deepEqual(one.inputs.members, [secret({ connection: sps })]);
  });

  it("marks the credentials of a join and of a router as secrets", async () => {
    const join = await registrationOf(new SppJoin("secrets-join", joinArgs));
    assert.deepEqual(join.inputs.sps, { address: "10.0.0.1", password: secret("hunter2") });
    assert.deepEqual(join.inputs.spp, { address: "10.0.0.5", username: "join", password: secret("correct horse") });
    assert.deepEqual(join.inputs.acknowledge, acknowledge);
    const router = await registrationOf(new RouterRedirection("secrets-router", routerArgs));
    assert.deepEqual(router.inputs.router, {
      address: "10.0.0.254",
      privateKey: secret("key"),
      hostKey: "ssh-ed25519 A",
    });
  });

  it("protects only joins, unless the program sets protect", async () => {
    assert.equal((await registrationOf(new SppJoin("protected", joinArgs))).isProtected, true);
    assert.equal((await registrationOf(new SppJoin("also", joinArgs, { protect: undefined }))).isProtected, true);
    assert.equal((await registrationOf(new SppJoin("open", joinArgs, { protect: false }))).isProtected, false);
    assert.equal((await registrationOf(new SpsCluster("cluster", { centralManagement: sps }))).isProtected, false);
    assert.equal((await registrationOf(new RouterRedirection("router", routerArgs))).isProtected, false);
  });

  it("offers every output as a Pulumi output before it is known", () => {
    const cluster = new SpsCluster("outputs-cluster", { centralManagement: sps });
    const join = new SppJoin("outputs-join", joinArgs);
    const router = new RouterRedirection("outputs-router", routerArgs);
    const outputs = {
      ...pickOutputs(cluster, Object.keys(spsClusterOutputs.shape) as (keyof SpsClusterOutputs)[]),
      ...pickOutputs(join, Object.keys(sppJoinOutputs.shape) as (keyof SppJoinOutputs)[]),
      ...pickOutputs(router, Object.keys(routerRedirectionOutputs.shape) as (keyof RouterRedirectionOutputs)[]),
    };
    assert.ok(Object.keys(outputs).length > 22);
    for (const [name, value] of Object.entries(outputs)) assert.ok(pulumi.Output.isInstance(value), name);
  });

  it("guards a join before its dependents, protected as the join is", async () => {
    const router = new RouterRedirection("guarded-router", routerArgs);
    const join = new SppJoin("guarded", {
      ...joinArgs,
      onDelete: "unlink",
      acknowledge: { ...acknowledge, disconnects: true },
    });
    const guard = await registrationOf(new JoinGuard("guard", { join, dependents: [router] }));
    const { __provider: _text, __urn: _urn, ...inputs } = guard.inputs;
    const joinUrn = await promiseOf(join.urn);
    assert.deepEqual(inputs, { sps: "10.0.0.1", spp: "10.0.0.5", onDelete: "unlink", disconnects: true, joinUrn });
    assert.equal(guard.isProtected, true);
    const urns = [await promiseOf(join.urn), await promiseOf(router.urn)];
    assert.deepEqual(guard.dependencies.toSorted(), urns.toSorted());

    const open = new SppJoin("open-join", { ...joinArgs, sps: pulumi.output(sps) }, { protect: false });
    const unprotected = await registrationOf(new JoinGuard("open-guard", { join: open, dependents: [] }));
    assert.equal(unprotected.isProtected, false);
    assert.equal(unprotected.inputs.sps, "10.0.0.1", "an address is not secret");
  });

  it("passes protect and onDelete of a site to its join and guard", async () => {
    const args = { cluster: { centralManagement: sps }, join: { spp, acknowledge }, onDelete: "forget" } as const;
    const sites = [
      { site: new Site("by-argument", { ...args, protect: false }), isProtected: false },
      { site: new Site("by-option", args, { protect: false }), isProtected: false },
      { site: new Site("by-default", args), isProtected: true },
    ];
    for (const { site, isProtected } of sites) {
      const parts = [await registrationOf(site.join), await registrationOf(site.guard)];
      for (const part of parts)
        assert.deepEqual([part.isProtected, part.inputs.onDelete], [isProtected, "forget"], part.name);
    }
    const other = { ...sps, address: "sps.example.com" };
    const named = new Site("named", { ...args, join: { ...args.join, sps: other, onDelete: "refuse" } });
    const { inputs } = await registrationOf(named.join);
    assert.deepEqual([inputs.onDelete, inputs.sps], ["refuse", { ...other, password: secret("hunter2") }]);
  });

  it("creates the cluster of a site first, then its join, then its routers, then its guard", async () => {
    const site = new Site("site", {
      cluster: { centralManagement: sps },
      join: { spp, acknowledge },
      routers: { north: routerArgs, south: routerArgs },
    });
    const component = await promiseOf(site.urn);
    const cluster = await registrationOf(site.cluster);
    const join = await registrationOf(site.join);
    const { north, south } = site.routers;
    assert.ok(north && south);
    const routers = [await registrationOf(north), await registrationOf(south)];
    const guard = await registrationOf(site.guard);
    const clusterUrn = await promiseOf(site.cluster.urn);
    const joinUrn = await promiseOf(site.join.urn);

    assert.match(component, /::safeguard:index:Site::site$/);
    for (const part of [site.cluster, site.join, north, south, site.guard]) {
      assert.equal((await registrationOf(part)).inputs.__urn, await promiseOf(part.urn));
    }
    assert.deepEqual(
      [cluster, join, ...routers, guard].map(({ name }) => name),
      ["site-cluster", "site-join", "site-north", "site-south", "site-guard"],
    );
    for (const { parent, name } of [cluster, join, ...routers, guard]) assert.equal(parent, component, name);
    assert.deepEqual(join.dependencies, [clusterUrn]);
    for (const { dependencies, name } of routers) assert.deepEqual(dependencies, [joinUrn], name);
    const routerUrns = [await promiseOf(north.urn), await promiseOf(south.urn)];
    assert.deepEqual(guard.dependencies.toSorted(), [clusterUrn, joinUrn, ...routerUrns].toSorted());
    assert.deepEqual(join.inputs.sps, { address: "10.0.0.1", password: secret("hunter2") });
    assert.equal(join.isProtected, true);
  });

  it("creates a site without routers", async () => {
    const site = new Site("small", { cluster: { centralManagement: sps }, join: { spp, acknowledge } });
    await registrationOf(site.join);
    assert.deepEqual(site.routers, {});
  });
});

function pickOutputs<T extends object>(resource: T, names: (keyof T & string)[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, resource[name]]));
}
